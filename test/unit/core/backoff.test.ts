import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from '../../../src/core/backoff.ts';
import { pauseMs } from '../../../src/holder/supervisor-process.ts';

const backoff = { baseMs: 100, maxMs: 30_000 };

test('doubles up to its limit', () => {
  const pauses = [0, 1, 2, 8, 9, 1000].map((attempt) => backoffMs(backoff, attempt, () => 1));
  assert.deepEqual(pauses, [100, 200, 400, 25_600, 30_000, 30_000]);
});

test('jitter keeps to the upper half', () => {
  fc.assert(
    fc.property(
      fc.nat(2000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const full = backoffMs(backoff, attempt, () => 1);
        const ms = backoffMs(backoff, attempt, () => random);
        assert.ok(ms >= full / 2 && ms <= full);
      },
    ),
  );
});

test('regression: a supervisor killed again and again has a successor within a second', () => {
  assert.equal(pauseMs(1, true), 0);
  for (let early = 0; early < 100; early += 1) assert.ok(pauseMs(early, true) <= 400);
  assert.equal(pauseMs(50, false), 5000, 'one that cannot start does not eat the machine');
});
