import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NOTHING } from '../../../src/supervisor/accounting.ts';
import { crashEvent } from '../../../src/supervisor/crash-event.ts';
import { Crashes } from '../../../src/supervisor/crashes.ts';

const policy = { auto: true, maxRestarts: null, stopExitCodes: [], delayMs: 0 };
const exit = { code: 1, signal: null };
const moment = (now: number, answered: number, refused: number) => ({
  now,
  totals: { ...NOTHING, answered },
  refused,
});

describe('crashes', () => {
  test('the first is restarted at once, the next with growing pauses, each slot for itself', () => {
    const crashes = new Crashes();
    const pause = (slot: number, now: number): number => {
      const verdict = crashes.verdict(slot, policy, exit, now, () => 1);
      crashes.note(slot, now);
      return verdict.then === 'restart' ? verdict.afterMs : Number.NaN;
    };
    assert.deepEqual([pause(0, 0), pause(0, 1), pause(0, 2), pause(1, 3)], [0, 100, 200, 0]);
  });

  test('a crash on the way back belongs to the same repair', () => {
    const crashes = new Crashes();
    crashes.repair(0, moment(1000, 10, 1));
    crashes.repair(0, moment(2000, 15, 1));
    assert.equal(crashes.restarts(0), 2);
    const report = crashes.repaired(0, moment(3500, 30, 2));
    assert.deepEqual(report, { answered: 20, refused: 1, reset: 0, truncated: 0, fullCapacityMs: 2500 });
    assert.equal(crashes.repaired(0, moment(4000, 30, 2)), null);
  });

  test('what is saved is enough to go on', () => {
    const crashes = new Crashes();
    crashes.note(2, 5);
    crashes.repair(2, moment(5, 0, 0));
    const next = new Crashes(structuredClone(crashes.saved()));
    assert.deepEqual(next.saved(), [{ slot: 2, times: [5], restarts: 1 }]);
    assert.deepEqual(
      next.verdict(2, policy, exit, 6, () => 1),
      { then: 'restart', afterMs: 100 },
    );
  });
});

describe('what is said of a crash', () => {
  const texts = [
    [{ then: 'restart', afterMs: 0 }, 0, 'worker 3 ended with exit code 1; restarted at once'],
    [
      { then: 'restart', afterMs: 150 },
      1,
      'worker 3 ended with exit code 1; restarted in 150 ms; 1 request was in flight in it',
    ],
    [
      { then: 'stay-stopped' },
      2,
      'worker 3 ended with exit code 1 and is not restarted; 2 requests were in flight in it',
    ],
    [
      { then: 'give-up', reason: 'restarted 5 times' },
      0,
      'worker 3 ended with exit code 1; restarted 5 times, so it is not restarted any more',
    ],
  ] as const;
  for (const [verdict, inFlight, text] of texts)
    test(text, () => assert.equal(crashEvent(3, exit, verdict, inFlight).text, text));
});
