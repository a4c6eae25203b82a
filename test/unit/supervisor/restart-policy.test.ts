import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestartPolicy } from '../../../src/protocol/app-spec.ts';
import { WINDOW_MS, describeExit, restartVerdict } from '../../../src/supervisor/restart-policy.ts';

const policy: RestartPolicy = { auto: true, maxRestarts: null, stopExitCodes: [0, 3], delayMs: 0 };
const crashed = { code: 1, signal: null };
const most = (): number => 0.999999;

test('the first crash is restarted at once, later ones after a growing pause of at most 30 s', () => {
  const pauses: number[] = [];
  const crashes: number[] = [];
  for (let now = 0; crashes.length < 15; now += 10) {
    const verdict = restartVerdict(policy, crashed, crashes, now, most);
    assert.equal(verdict.then, 'restart');
    pauses.push(verdict.then === 'restart' ? verdict.afterMs : -1);
    crashes.push(now);
  }
  assert.deepEqual(pauses.slice(0, 6), [0, 100, 200, 400, 800, 1600]);
  assert.equal(Math.max(...pauses), 30_000);
});

test('a wanted delay is the least pause, also of the first restart', () => {
  const delayed = { ...policy, delayMs: 500 };
  assert.deepEqual(restartVerdict(delayed, crashed, [], 0, most), { then: 'restart', afterMs: 500 });
  assert.deepEqual(
    restartVerdict(delayed, crashed, [0, 1], 2, () => 0),
    { then: 'restart', afterMs: 500 },
  );
  assert.deepEqual(restartVerdict(delayed, crashed, [0, 1, 2, 3, 4], 5, most), {
    then: 'restart',
    afterMs: 1600,
  });
});

test('jitter keeps a pause within its upper half', () => {
  const verdict = restartVerdict(policy, crashed, [0, 1, 2, 3], 4, () => 0);
  assert.deepEqual(verdict, { then: 'restart', afterMs: 400 });
});

test('a loop however slow is never without a pause, and crashes out of the window are forgiven', () => {
  const crashes: number[] = [];
  let now = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 200; round += 1) {
    const verdict = restartVerdict(policy, crashed, crashes, now, () => 0);
    const pause = verdict.then === 'restart' ? verdict.afterMs : 0;
    if (round > 20) least = Math.min(least, pause);
    crashes.push(now);
    // Sixteen seconds of life before each crash.
    now += pause + 16_000;
  }
  assert.ok(least >= 1000, `the shortest pause was ${least} ms`);
  assert.deepEqual(restartVerdict(policy, crashed, [0], WINDOW_MS, most), { then: 'restart', afterMs: 0 });
});

test('stop exit codes, autorestart off and maxRestarts end it', () => {
  assert.deepEqual(restartVerdict(policy, { code: 3, signal: null }, [], 0, most), { then: 'stay-stopped' });
  assert.deepEqual(restartVerdict({ ...policy, auto: false }, crashed, [], 0, most), {
    then: 'stay-stopped',
  });
  assert.equal(restartVerdict({ ...policy, maxRestarts: 2 }, crashed, [0, 1], 2, most).then, 'give-up');
  assert.equal(restartVerdict({ ...policy, maxRestarts: 0 }, crashed, [], 2, most).then, 'give-up');
});

test('an exit reads as people say it', () => {
  assert.equal(describeExit({ code: 7, signal: null }), 'exit code 7');
  assert.equal(describeExit({ code: null, signal: 'SIGKILL' }), 'signal SIGKILL');
});
