import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTimestamp } from '../../../../src/supervisor/logs/timestamp.ts';

const at = new Date(2026, 2, 5, 15, 4, 7, 9);

test('iso is UTC to the millisecond', () => {
  assert.equal(formatTimestamp('iso', at), at.toISOString());
});

test('letters as in moment and dayjs, in local time', () => {
  for (const [format, expected] of [
    ['YYYY-MM-DD HH:mm:ss.SSS', '2026-03-05 15:04:07.009'],
    ['YY/M/D H:m:s', '26/3/5 15:4:7'],
    ['hh:mm A', '03:04 PM'],
    ['h a', '3 pm'],
    ['ddd, DD MMM YYYY', 'Thu, 05 Mar 2026'],
    ['dddd MMMM', 'Thursday March'],
    ['YYYY-MM-DDTHH:mm:ss', '2026-03-05T15:04:07'],
    ['[MM] MM', 'MM 03'],
    ['X', String(Math.floor(at.getTime() / 1000))],
    ['x', String(at.getTime())],
    ['', ''],
  ] as const)
    assert.equal(formatTimestamp(format, at), expected, format);
});

test('the offset has a sign and four digits, with and without its colon', () => {
  assert.match(formatTimestamp('Z', at), /^[+-]\d\d:\d\d$/);
  assert.equal(formatTimestamp('ZZ', at), formatTimestamp('Z', at).replace(':', ''));
});

test('midnight and noon are 12 in the twelve hours', () => {
  assert.equal(formatTimestamp('h A', new Date(2026, 0, 1, 0)), '12 AM');
  assert.equal(formatTimestamp('h A', new Date(2026, 0, 1, 12)), '12 PM');
});
