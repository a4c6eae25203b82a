import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequestId, requestIdOf } from '../../../../src/balancer/observe/request-id.ts';

test('ids are 32 hexadecimal digits and all different', () => {
  const ids = Array.from({ length: 2000 }, newRequestId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

const FRESH = /^[0-9a-f]{32}$/;
const cases: readonly (readonly [
  name: string,
  raw: readonly string[],
  trusted: boolean,
  kept: string | null,
])[] = [
  ['none', ['Host', 'a'], true, null],
  ["a proxy's", ['X-Request-Id', 'abc-1'], true, 'abc-1'],
  ["a stranger's", ['X-Request-Id', 'abc-1'], false, null],
  ['two', ['X-Request-Id', 'a', 'x-request-id', 'b'], true, null],
  ['empty', ['X-Request-Id', ''], true, null],
  ['long', ['X-Request-Id', 'a'.repeat(129)], true, null],
  ['not one word', ['X-Request-Id', 'a b'], true, null],
  ['a quote', ['X-Request-Id', 'a"b'], true, null],
];
for (const [name, raw, trusted, kept] of cases)
  test(`an id that came with the request: ${name}`, () => {
    const id = requestIdOf(raw, 'x-request-id', trusted);
    if (kept === null) assert.match(id, FRESH);
    else assert.equal(id, kept);
  });
