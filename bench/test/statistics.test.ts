import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, quantile, ratio } from '../lib/statistics.ts';

test('a quantile interpolates and leaves out what was not measured', () => {
  assert.equal(median([3, null, 1]), 2);
  assert.equal(quantile([1, 2, 3, 4, 5], 0.75), 4);
  assert.equal(quantile([10], 0.99), 10);
  assert.equal(median([null]), null);
});

test('a ratio is the median of the ratios of each round, not the ratio of the medians', () => {
  const found = ratio([10, 30, 90], [10, 10, 100]);
  assert.deepEqual(found, { median: 1, lowest: 0.9, highest: 3, rounds: 3 });
});

test('rounds in which one of the two failed do not count', () => {
  assert.deepEqual(ratio([10, null, 20], [5, 5, null]), { median: 2, lowest: 2, highest: 2, rounds: 1 });
  assert.equal(ratio([null], [1]), null);
  assert.equal(ratio([1], [0]), null);
});
