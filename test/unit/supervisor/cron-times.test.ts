import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronTimes } from '../../../src/supervisor/cron-times.ts';

const times = async (expression: string, timeZone: string | null, from: string, count: number) => {
  const after = await cronTimes('api', { expression, timeZone });
  const found: string[] = [];
  let at: number | null = Date.parse(from);
  while (at !== null && found.length < count) {
    at = after(at);
    if (at !== null) found.push(new Date(at).toISOString());
  }
  return found;
};

test('times are of the time zone, also where its clocks are changed', async () => {
  // Berlin: 29 March 2026, 2:00 becomes 3:00; 25 October, 3:00 becomes 2:00.
  assert.deepEqual(await times('0 4 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 2), [
    '2026-03-28T03:00:00.000Z',
    '2026-03-29T02:00:00.000Z',
  ]);
  const autumn = await times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2);
  assert.equal(autumn.length, 2);
  assert.match(autumn[0]!, /^2026-10-25T0[01]:30/);
  assert.match(autumn[1]!, /^2026-10-26T01:30/, 'once that night');
});

test('a time that a change of clocks leaves out still comes that day', async () => {
  const [first] = await times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 1);
  assert.match(first!, /^2026-03-29T0[01]:/);
});

test('seconds go first where there are six fields', async () => {
  assert.deepEqual(await times('*/20 * * * * *', 'UTC', '2026-01-01T00:00:00Z', 2), [
    '2026-01-01T00:00:20.000Z',
    '2026-01-01T00:00:40.000Z',
  ]);
});

for (const [expression, timeZone, reason] of [
  ['0 0 30 2 *', null, /never comes/],
  ['every day', null, /no time for a restart: /],
  ['', null, /no time for a restart: /],
  ['61 * * * *', null, /no time for a restart: /],
  ['0 4 * * *', 'Mars/Base', /there is no time zone Mars\/Base/],
] as const)
  test(`\`${expression}\` ${timeZone ?? ''} is refused`, async () => {
    await assert.rejects(cronTimes('api', { expression, timeZone }), { code: 'E_CRON', message: reason });
  });
