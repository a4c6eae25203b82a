import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryBudget } from '../../../src/balancer/retry-budget.ts';

const taken = (budget: ReturnType<typeof retryBudget>, now: number): number => {
  let count = 0;
  while (count < 10_000 && budget.take(now)) count += 1;
  return count;
};

test('three without any request, and three again when the window has passed', () => {
  const budget = retryBudget();
  assert.equal(taken(budget, 0), 3);
  assert.equal(taken(budget, 8_999), 0);
  assert.equal(taken(budget, 10_000), 3);
});

test('a fifth of the requests of the last ten seconds, those of before forgotten', () => {
  const budget = retryBudget();
  for (let now = 0; now < 5_000; now += 10) budget.requested(now);
  assert.equal(taken(budget, 5_000), 100);
  for (let now = 5_000; now < 20_000; now += 10) budget.requested(now);
  assert.ok(Math.abs(taken(budget, 20_000) - 180) <= 20);
});

test('half of what is in flight may fail at once, as when one of two workers dies', () => {
  const budget = retryBudget();
  // 1,000 requests per second, of which 64 are in flight.
  for (let now = 0; now < 3_000; now += 1) budget.requested(now);
  assert.ok(taken(budget, 3_000) >= 32);
});

test('a long silence', () => {
  const budget = retryBudget();
  for (let request = 0; request < 1_000; request += 1) budget.requested(5);
  assert.equal(taken(budget, 1e12), 3);
});

test('time that stands still or steps back changes nothing', () => {
  const budget = retryBudget({ share: 0.5, atLeast: 1, windowMs: 1_000 });
  for (let request = 0; request < 10; request += 1) budget.requested(700);
  assert.equal(taken(budget, 650), 5);
  assert.equal(taken(budget, 700), 0);
});
