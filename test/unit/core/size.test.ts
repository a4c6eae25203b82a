import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSize, parseSize } from '../../../src/core/size.ts';

const MiB = 1024 * 1024;

const readings: readonly (readonly [string | number, number | undefined])[] = [
  ['300M', 300 * MiB],
  ['300MB', 300 * MiB],
  ['512MiB', 512 * MiB],
  ['512 mib', 512 * MiB],
  ['1.5G', 1.5 * 1024 * MiB],
  ['.5k', 512],
  ['64K', 65_536],
  ['1T', 1024 * 1024 * MiB],
  ['1024', 1024],
  ['1024B', 1024],
  [1024, 1024],
  ['0', undefined],
  ['', undefined],
  ['-1M', undefined],
  ['M', undefined],
  ['300Mi', 300 * MiB],
  ['300 megabytes', undefined],
  ['99999999T', undefined],
  [Number.NaN, undefined],
];

for (const [text, expected] of readings) {
  test(`parseSize(${JSON.stringify(text)}) is ${expected}`, () => {
    assert.equal(parseSize(text), expected);
  });
}

const writings: readonly (readonly [number, string])[] = [
  [0, '0 B'],
  [512, '512 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [9.5 * MiB, '9.5 MiB'],
  [300 * MiB, '300 MiB'],
  [1023 * MiB, '1 GiB'],
  [2048 * MiB, '2 GiB'],
];

for (const [bytes, expected] of writings) {
  test(`formatSize(${bytes}) is ${expected}`, () => {
    assert.equal(formatSize(bytes), expected);
  });
}

test('any text is a whole number of bytes above zero or undefined', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bytes = parseSize(text);
      return bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0);
    }),
  );
});
