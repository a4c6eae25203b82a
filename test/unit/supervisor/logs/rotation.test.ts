import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fitting, periodEnd, surplus } from '../../../../src/supervisor/logs/rotation.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the end of a period', () => {
  const at = (...parts: [number, number, number, number?, number?]): number => new Date(...parts).getTime();

  test('is counted from local midnight', () => {
    assert.equal(periodEnd(at(2026, 10, 20, 16, 10), HOUR), at(2026, 10, 20, 17));
    assert.equal(periodEnd(at(2026, 10, 20, 16, 10), 6 * HOUR), at(2026, 10, 20, 18));
    assert.equal(periodEnd(at(2026, 10, 20, 0, 0), DAY), at(2026, 10, 21));
    assert.equal(periodEnd(at(2026, 10, 20, 23, 59), DAY), at(2026, 10, 21));
  });

  test('a period that does not divide the day ends with it', () => {
    assert.equal(periodEnd(at(2026, 10, 20, 22), 7 * HOUR), at(2026, 10, 21));
  });

  test('weeks follow each other, wherever in one the file was begun', () => {
    const ends = new Set(
      Array.from({ length: 7 }, (_, day) => periodEnd(at(2026, 10, 12 + day, 5), 7 * DAY)),
    );
    assert.ok(ends.size <= 2, [...ends].join());
  });

  test('it is always later, and never by more than the period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 1000, max: 40 * DAY }),
        (begunAt, every) => {
          const end = periodEnd(begunAt, every);
          assert.ok(end > begunAt && end - begunAt <= every + HOUR, `${begunAt} ${every} ${end}`);
        },
      ),
    );
  });
});

describe('what still fits', () => {
  const lines = Buffer.from('one\ntwo\nthree\n');

  test('everything, whole lines, or nothing', () => {
    assert.equal(fitting(lines, 0, null), lines.length);
    assert.equal(fitting(lines, 86, 100), lines.length);
    assert.equal(fitting(lines, 87, 100), 8);
    assert.equal(fitting(lines, 97, 100), 0);
    assert.equal(fitting(lines, 100, 100), 0);
  });

  test('a line larger than a file may be has one of its own', () => {
    assert.equal(fitting(lines, 0, 2), 4);
    assert.equal(fitting(lines, 4, 2), 0);
  });
});

describe('what is thrown away', () => {
  const file = (stamp: string, bytes: number): Parameters<typeof surplus>[0][number] => ({
    stamp,
    bytes,
    path: stamp,
    compressed: false,
  });
  const files = [file('1', 10), file('2', 10), file('3', 10)];
  const names = (keep: number, maxTotalBytes: number | null): string[] =>
    surplus(files, { keep, maxTotalBytes }).map(({ path }) => path);

  test('the oldest, by number and by size', () => {
    assert.deepEqual(names(3, null), []);
    assert.deepEqual(names(1, null), ['2', '1']);
    assert.deepEqual(names(0, null), ['3', '2', '1']);
    assert.deepEqual(names(9, 20), ['1']);
    assert.deepEqual(names(9, 5), ['3', '2', '1']);
  });
});
