import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  LATENCY_BOUNDS,
  addCounts,
  emptyCounts,
  percentileOf,
  rangeOf,
} from '../../../src/core/histogram.ts';

test('a bound belongs to the range below it', () => {
  assert.deepEqual(
    [0, 1, 1.1, 2, 3].map((value) => rangeOf(value, [1, 2])),
    [0, 0, 1, 1, 2],
  );
  assert.equal(rangeOf(1e9), LATENCY_BOUNDS.length);
});

test('percentiles are on a straight line through their range', () => {
  assert.equal(percentileOf([0, 0, 0], 0.5, [10, 20]), null);
  assert.equal(percentileOf([0, 10, 0], 0.5, [10, 20]), 15);
  assert.equal(percentileOf([10, 0, 0], 1, [10, 20]), 10);
  assert.equal(percentileOf([0, 0, 5], 0.5, [10, 20]), 20);
  assert.equal(percentileOf([5, 0, 5], 0.5, [10, 20]), 10);
});

test('a percentile is in the same range as the exact one', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 29_999, noNaN: true }), { minLength: 1 }), (values) => {
      const counts = emptyCounts();
      for (const value of values) counts[rangeOf(value)]! += 1;
      const sorted = values.toSorted((a, b) => a - b);
      for (const share of [0.5, 0.95, 0.99]) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        assert.equal(rangeOf(percentileOf(counts, share)!), rangeOf(exact));
      }
    }),
  );
});

test('histograms add up; of another shape they are left out', () => {
  const into = [1, 2, 3];
  addCounts(into, [1, 1, 1]);
  addCounts(into, [1, 1]);
  assert.deepEqual(into, [2, 3, 4]);
});
