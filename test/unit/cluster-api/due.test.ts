/** What a leader does for a job, and what a cached value is worth, by the clock alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CachedRecord, Pace } from '../../../src/cluster-api/cached/record.ts';
import { dueAt, isNewer, turnOf, useOf } from '../../../src/cluster-api/cached/record.ts';
import { cronTicks } from '../../../src/cluster-api/jobs/cron-ticks.ts';
import type { Due, JobFacts, JobRecord } from '../../../src/cluster-api/jobs/due.ts';
import { dueNow } from '../../../src/cluster-api/jobs/due.ts';
import { intervalTicks } from '../../../src/cluster-api/jobs/ticks.ts';

const ended: JobRecord = { tick: 1_000, handled: 1_000, token: 7, state: 'ended' };
const facts: JobFacts = {
  ...{ record: ended, ticks: intervalTicks(1_000), now: 1_400, token: 7 },
  ...{ ran: undefined, catchUpMs: 60_000, rerun: false },
};

const cases: readonly (readonly [string, Partial<JobFacts>, Due])[] = [
  ['nothing is recorded', { record: undefined }, { type: 'first' }],
  ['the next time is to come', {}, { type: 'wait', until: 2_000 }],
  ['its time has come', { now: 2_003 }, { type: 'begin', tick: 2_000 }],
  ['exactly now', { now: 2_000 }, { type: 'begin', tick: 2_000 }],
  ['of many that were missed the last', { now: 9_999, token: 8 }, { type: 'begin', tick: 9_000 }],
  [
    'none that is too long ago',
    { now: 9_999, catchUpMs: 500, ticks: intervalTicks(9_000) },
    { type: 'wait', until: 18_000 },
  ],
  [
    'times that were skipped stay so',
    { record: { ...ended, handled: 3_000 }, now: 3_100 },
    { type: 'wait', until: 4_000 },
  ],
  [
    'it has never run, and its time has not come',
    { record: { ...ended, state: 'idle' } },
    { type: 'wait', until: 2_000 },
  ],
  ['a later leader has written', { record: { ...ended, token: 8 }, now: 5_000 }, { type: 'deposed' }],
  [
    'an earlier leader died in it',
    { record: { ...ended, state: 'running' }, token: 8, now: 1_100 },
    { type: 'interrupted', tick: 1_000 },
  ],
  [
    'the same, to be made again',
    { record: { ...ended, state: 'running' }, token: 8, now: 1_100, rerun: true },
    { type: 'begin', tick: 1_000 },
  ],
  [
    'this leader has begun it, and did not hear so',
    { record: { ...ended, state: 'running' } },
    { type: 'begun', tick: 1_000 },
  ],
  [
    'this leader has run it, and could not say so',
    { record: { ...ended, state: 'running' }, ran: 1_000 },
    { type: 'wait', until: 2_000 },
  ],
  ['a clock was a little ahead', { record: { ...ended, handled: 2_000 } }, { type: 'wait', until: 3_000 }],
  ['a clock was far ahead', { record: { ...ended, handled: 9e12 } }, { type: 'wait', until: 2_000 }],
  ['no time comes any more', { ticks: { after: () => null, latest: () => 1_000 } }, { type: 'never' }],
];

for (const [name, given, expected] of cases)
  test(`a job: ${name}`, () => assert.deepEqual(dueNow({ ...facts, ...given }), expected));

test('times of a pattern: after a time, and up to it', () => {
  const at = Date.UTC(2026, 2, 29, 0, 30);
  const ticks = cronTicks('*/15 * * * *', 'UTC');
  assert.equal(ticks.after(at), at + 900_000);
  assert.equal(ticks.latest(at), at);
  assert.equal(ticks.latest(at - 1), at - 900_000);
  const seconds = cronTicks('*/10 * * * * *', undefined);
  assert.equal(seconds.latest(at + 9_999), at);
  // In Berlin the clock goes from 2 to 3 in that night.
  const berlin = cronTicks('30 2 * * *', 'Europe/Berlin');
  assert.equal(new Date(berlin.after(at) ?? 0).toISOString(), '2026-03-29T01:00:00.000Z');
});

const every: Pace = { kind: 'every', intervalMs: 1_000, staleMs: null, retryMs: 1_000 };
const ttl: Pace = { ...every, kind: 'ttl', retryMs: 200 };
const record: CachedRecord = { good: { value: 1, at: 10_020 }, turn: 10_000, called: 10_020, failure: null };
const failure = { code: 'E_CACHED_FAILED', message: '', fix: '' } as const;

test('a cached value: what may be given out', () => {
  const use = (pace: Pace, ageMs: number) => useOf(record, pace, 10_020 + ageMs);
  assert.equal(useOf(undefined, every, 0), 'never');
  assert.equal(useOf({ ...record, good: null }, every, 10_020), 'never');
  assert.equal(use(every, 1e9), 'now', 'by the clock: what there is');
  assert.equal(use({ ...every, staleMs: 500 }, 1_499), 'now');
  assert.equal(use({ ...every, staleMs: 500 }, 1_500), 'never');
  assert.equal(use(ttl, 999), 'now');
  assert.equal(use(ttl, 1_000), 'later', 'on demand: a newer one first');
  assert.equal(use({ ...ttl, staleMs: 500 }, 1_499), 'now');
  assert.equal(use({ ...ttl, staleMs: 500 }, 1_500), 'never');
  assert.equal(use({ ...ttl, staleMs: Infinity }, 1e12), 'now');
  assert.equal(use(ttl, -5_000), 'now', 'a clock was ahead');
});

test('a cached value: when it may be made', () => {
  assert.equal(dueAt(undefined, every, 5), 5);
  assert.equal(dueAt(record, every, 10_500), 11_000, 'from turn to turn');
  assert.equal(dueAt(record, ttl, 10_500), 11_020, 'from the value on');
  assert.equal(dueAt({ ...record, failure }, every, 10_500), 11_000, 'no oftener when it fails');
  assert.equal(dueAt({ ...record, failure }, ttl, 10_100), 10_200);
  const none = { ...record, good: null, failure };
  assert.equal(
    dueAt(none, { ...every, intervalMs: 9e6, retryMs: 9e6 }, 10_100),
    11_000,
    'sooner without any',
  );
  assert.equal(dueAt({ ...record, turn: 9e12 }, every, 10_500), 11_500, 'a clock was ahead');
});

test('a cached value: turns do not drift, and do not pile up', () => {
  assert.equal(turnOf(record, every, 11_007), 11_000);
  assert.equal(turnOf(record, every, 25_000), 25_000);
  assert.equal(turnOf(record, every, 10_500), 10_500, 'made anew before its turn');
  assert.equal(turnOf(undefined, every, 77), 77);
});

test('a cached value: what is heard late does not count', () => {
  assert.ok(isNewer(undefined, record));
  assert.ok(!isNewer(record, record));
  assert.ok(isNewer(record, { ...record, called: 10_021 }));
});
