import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Learned } from '../../../../../src/balancer/pool/sticky/learned.ts';
import { setCookieValue } from '../../../../../src/balancer/pool/sticky/set-cookie-value.ts';

test('bounded: those go that were not used for longest', () => {
  const learned = new Learned<number>({ now: () => 0, most: 3 });
  for (const [index, value] of ['a', 'b', 'c'].entries()) learned.learn(value, index);
  assert.equal(learned.find('a'), 0);
  learned.learn('d', 3);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((value) => learned.find(value)),
    [0, undefined, 2, 3],
  );
  assert.equal(learned.size, 3);
});

test('forgotten when unused, kept by a use', () => {
  let now = 0;
  const learned = new Learned<number>({ now: () => now, keepMs: 10 });
  learned.learn('a', 1);
  now = 9;
  assert.equal(learned.find('a'), 1);
  now = 18;
  assert.equal(learned.find('a'), 1);
  now = 28;
  assert.equal(learned.find('a'), undefined);
  assert.equal(learned.size, 0);
});

test('what is no session id is not kept', () => {
  const learned = new Learned<number>({ now: () => 0 });
  learned.learn('', 1);
  learned.learn('x'.repeat(2_000), 1);
  assert.equal(learned.size, 0);
});

for (const [lines, value] of [
  ['', ''],
  ['Set-Cookie: sid=1; Path=/\r\n', '1'],
  ['set-cookie:sid=1\r\n', '1'],
  ['Set-Cookie: other=sid=1\r\n', ''],
  ['Set-Cookie: sid2=1\r\nSet-Cookie: xsid=2\r\n', ''],
  ['Set-Cookie: sid=1\r\nSet-Cookie: sid=2; Secure\r\n', '2'],
  ['Set-Cookie: sid=gone; Max-Age=0\r\n', ''],
  ['Set-Cookie: sid=1; Max-Age=01\r\n', '1'],
  ['X-Set-Cook: sid=1\r\n', ''],
  ['Set-Cookie: sid\r\n', ''],
] as const)
  test(`Set-Cookie: ${JSON.stringify(lines)} sets ${JSON.stringify(value)}`, () => {
    assert.equal(setCookieValue(lines, 'sid'), value);
  });
