import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h2Fields, h2Trailers } from '../../../../src/balancer/client/h2-response.ts';

const plain = (fields: object) => Object.fromEntries(Object.entries(fields));

test('lines become fields: lower case, repeated ones in order, connection-specific ones gone', () => {
  const lines =
    'Content-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\nKeep-Alive: 5\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nX-A:  b  \r\n__proto__: x\r\n';
  const fields = h2Fields(lines);
  assert.equal(fields['__proto__'], 'x');
  assert.deepEqual(plain(fields), {
    'content-type': 'text/plain',
    'set-cookie': ['a=1', 'b=2'],
    'x-a': 'b',
    ['__proto__']: 'x',
  });
  assert.deepEqual(plain(h2Fields('')), {});
  assert.deepEqual(plain(h2Fields('nonsense\r\n: b\r\n')), {});
});

test('fields that may be there once stay one', () => {
  assert.deepEqual(plain(h2Fields('Date: a\r\nDate: b\r\nX: 1\r\nX: 2\r\nX: 3\r\n')), {
    date: 'a',
    x: ['1', '2', '3'],
  });
});

test('trailers', () => {
  assert.deepEqual(plain(h2Trailers(['X-Sum', '6', 'Connection', 'close'])), { 'x-sum': '6' });
});
