import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Changed } from '../../../src/supervisor/reload-due.ts';
import { MAKE_UP_MS, cronDue, watchDue } from '../../../src/supervisor/reload-due.ts';

describe('watch', () => {
  const changed: Changed = { noticedAt: 1000, madeAt: 990, meanwhile: false, path: '/a' };
  const free = { busy: false, startedAt: 500 };

  test('waits until it has been quiet', () => {
    assert.deepEqual(watchDue(changed, 300, free, 1100), { then: 'wake', at: 1300 });
    assert.deepEqual(watchDue({ ...changed, noticedAt: 1250 }, 300, free, 1300), { then: 'wake', at: 1550 });
    assert.deepEqual(watchDue(changed, 300, free, 1300), { then: 'reload' });
  });

  test('never two at once', () => {
    assert.deepEqual(watchDue(changed, 300, { ...free, busy: true }, 9999), { then: 'wait' });
  });

  test('what changed while an operation was under way leads to one more, if its workers were there', () => {
    const during = { ...changed, meanwhile: true };
    assert.deepEqual(watchDue(during, 300, { busy: false, startedAt: 980 }, 2000), { then: 'reload' });
    assert.deepEqual(watchDue(during, 300, { busy: false, startedAt: 995 }, 2000), { then: 'drop' });
    assert.deepEqual(watchDue(during, 300, { busy: false, startedAt: null }, 2000), { then: 'reload' });
    // Moved into place with an old time of its own.
    assert.deepEqual(watchDue({ ...changed, madeAt: 0 }, 300, free, 2000), { then: 'reload' });
  });
});

describe('cron', () => {
  const MINUTE = 60_000;
  const every =
    (ms: number) =>
    (at: number): number =>
      (Math.floor(at / ms) + 1) * ms;

  test('is due when its time has come, once', () => {
    const hourly = every(60 * MINUTE);
    assert.deepEqual(cronDue(hourly, 5, 10), { due: null, next: 60 * MINUTE });
    assert.deepEqual(cronDue(hourly, 5, 60 * MINUTE), { due: 60 * MINUTE, next: 120 * MINUTE });
    assert.deepEqual(cronDue(hourly, 60 * MINUTE, 60 * MINUTE + 1), { due: null, next: 120 * MINUTE });
  });

  test('one that nobody was there to see is made up for, once, within some minutes', () => {
    const hourly = every(60 * MINUTE);
    const seen = 60 * MINUTE;
    assert.equal(cronDue(hourly, seen, 120 * MINUTE + MAKE_UP_MS - 1).due, 120 * MINUTE);
    assert.equal(cronDue(hourly, seen, 120 * MINUTE + MAKE_UP_MS).due, null);
    // Of many that were missed, one.
    const minutely = every(MINUTE);
    const late = cronDue(minutely, seen, 300 * MINUTE + 1);
    assert.notEqual(late.due, null);
    assert.deepEqual(cronDue(minutely, 300 * MINUTE + 1, 300 * MINUTE + 2).due, null);
  });

  test('a clock that is set back does not stop it, nor does a small step repeat a time', () => {
    const hourly = every(60 * MINUTE);
    assert.equal(cronDue(hourly, 600 * MINUTE, 90 * MINUTE).next, 120 * MINUTE);
    assert.deepEqual(cronDue(hourly, 60 * MINUTE, 60 * MINUTE - 100), { due: null, next: 120 * MINUTE });
  });

  test('a calendar that has ended asks for nothing', () => {
    assert.deepEqual(
      cronDue(() => null, 0, 10),
      { due: null, next: null },
    );
  });
});
