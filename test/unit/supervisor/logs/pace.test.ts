import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUCH, nextPause } from '../../../../src/supervisor/logs/pace.ts';

const little = { pauseMs: 0, sinceMs: 5, bytes: 80, lines: 1 };

test('the first line after a silence is hardly waited for, steady ones are collected', () => {
  assert.equal(nextPause({ ...little, pauseMs: 10, sinceMs: 500 }), 1);
  let pauseMs = 0;
  const pauses = Array.from({ length: 6 }, () => (pauseMs = nextPause({ ...little, pauseMs })));
  assert.deepEqual(pauses, [1, 2, 4, 8, 10, 10]);
});

test('a worker that may be waiting is read on at once', () => {
  assert.equal(nextPause({ ...little, pauseMs: 10, bytes: MUCH.bytes }), 0);
  assert.equal(nextPause({ ...little, pauseMs: 10, lines: MUCH.lines }), 0);
});
