import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { LongTimer } from '../../../src/supervisor/long-timer.ts';

const DAY = 86_400_000;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
afterEach(() => mock.timers.reset());

test('a time beyond what setTimeout takes comes when it comes', () => {
  const timer = new LongTimer(() => Date.now());
  let calls = 0;
  timer.set(60 * DAY, () => (calls += 1));
  mock.timers.tick(59 * DAY);
  assert.equal(calls, 0);
  mock.timers.tick(DAY);
  assert.equal(calls, 1);
});

test('a time in the past comes soon; a timer that is cleared never does', () => {
  mock.timers.setTime(DAY);
  const timer = new LongTimer(() => Date.now());
  let calls = 0;
  timer.set(5, () => (calls += 1));
  mock.timers.tick(1);
  assert.equal(calls, 1);
  timer.set(2 * DAY, () => (calls += 1));
  timer.clear();
  mock.timers.tick(2 * DAY);
  assert.equal(calls, 1);
});
