import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPause } from '../../../../src/supervisor/logs/pace.ts';

const little = { pauseMs: 0, sinceMs: 5, bytes: 80, lines: 1 };

test('the first line after a silence is hardly waited for, steady ones are collected', () => {
  assert.equal(nextPause({ ...little, pauseMs: 10, sinceMs: 500 }), 1);
  let pauseMs = 0;
  const pauses = Array.from({ length: 6 }, () => (pauseMs = nextPause({ ...little, pauseMs })));
  assert.deepEqual(pauses, [1, 2, 4, 8, 10, 10]);
});

test('a pipe that fills up is read sooner, one that is half full as often as before', () => {
  assert.equal(nextPause({ ...little, pauseMs: 8, bytes: 64 * 1024 }), 8);
  assert.equal(nextPause({ ...little, pauseMs: 8, lines: 100 }), 8);
  assert.equal(nextPause({ ...little, pauseMs: 8, bytes: 200 * 1024 }), 4);
  assert.equal(nextPause({ ...little, pauseMs: 1, lines: 192 }), 0);
  // Also when it is the first in a while.
  assert.equal(nextPause({ ...little, pauseMs: 0, sinceMs: 500, bytes: 200 * 1024 }), 0);
});
