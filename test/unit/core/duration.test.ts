import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/core/duration.ts';

const readings: readonly (readonly [string | number, number | undefined])[] = [
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['.5s', 500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['10 S', 10_000],
  [' 250 ', 250],
  [250, 250],
  [0, 0],
  ['0', 0],
  ['', undefined],
  ['-1s', undefined],
  ['10 seconds', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['24d', 2_073_600_000],
  ['25d', undefined],
];

for (const [text, expected] of readings) {
  test(`parseDuration(${JSON.stringify(text)}) is ${expected}`, () => {
    assert.equal(parseDuration(text), expected);
  });
}

const writings: readonly (readonly [number, string])[] = [
  [0, '0 ms'],
  [350.4, '350 ms'],
  [1_000, '1 s'],
  [1_234, '1.2 s'],
  [59_940, '59.9 s'],
  [59_990, '1 min'],
  [303_000, '5 min 3 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
];

for (const [ms, expected] of writings) {
  test(`formatDuration(${ms}) is ${expected}`, () => {
    assert.equal(formatDuration(ms), expected);
  });
}

test('every whole number of milliseconds up to the limit of a timer reads back', () => {
  fc.assert(
    fc.property(fc.nat(2_147_483_647), (ms) => parseDuration(ms) === ms && parseDuration(`${ms}ms`) === ms),
  );
});

test('any text is a whole number of milliseconds or undefined, never NaN', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ms = parseDuration(text);
      return ms === undefined || (Number.isInteger(ms) && ms >= 0);
    }),
  );
});
