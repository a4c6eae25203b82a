import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BreakerNews } from '../../../src/resilience/breaker-link.ts';
import { fromStored, keepFor, toStored } from '../../../src/resilience/stored-news.ts';

const open: BreakerNews = { name: 'b', version: 7, state: 'open', openForMs: 1_000, failedProbes: 2 };

test('what is stored is read as it was; what is read late has less time left, never less than none', () => {
  const stored = toStored(open, 5_000);
  assert.deepEqual(fromStored('b', stored, undefined), open);
  for (const [now, left] of [
    [5_000, 1_000],
    [5_400, 600],
    [9_000, 0],
    // A clock that is behind the writer's.
    [1_000, 1_000],
  ] as const)
    assert.deepEqual(fromStored('b', stored, now), { ...open, openForMs: left });
});

test('isolated is kept for ever, the rest until it is of no use', () => {
  assert.deepEqual(keepFor({ ...open, state: 'isolated' }), {});
  assert.deepEqual(keepFor(open), { ttl: 86_401_000 });
});

test('what no breaker wrote is no news', () => {
  const stored = toStored(open, 5_000);
  for (const wrong of [
    null,
    'open',
    [],
    {},
    { ...stored, version: 1.5 },
    { ...stored, version: -1 },
    { ...stored, state: 'half-open' },
    { ...stored, openForMs: null },
    { ...stored, failedProbes: '2' },
    { ...stored, at: undefined },
  ])
    assert.equal(fromStored('b', wrong, 5_000), undefined);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(fromStored('b', value, 0), undefined);
    }),
  );
});
