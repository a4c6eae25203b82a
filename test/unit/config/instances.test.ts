import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveInstances } from '../../../src/config/instances.ts';
import { SkeinError } from '../../../src/core/errors.ts';

/** [text, CPUs, workers now (null: a first start), wanted (null: E_BAD_VALUE)] */
const cases: readonly (readonly [string, number, number | null, number | null])[] = [
  ['4', 2, null, 4],
  ['max', 8, null, 8],
  ['-1', 8, null, 7],
  ['-1', 1, null, 1],
  ['-20', 4, null, 1],
  ['50%', 8, null, 4],
  ['50%', 1, null, 1],
  ['150%', 4, null, 6],
  [' 3 ', 1, null, 3],
  ['0', 4, null, null],
  ['+2', 4, null, null],
  ['-0', 4, null, null],
  ['0%', 4, null, null],
  ['', 4, null, null],
  ['many', 4, null, null],
  ['1.5', 4, null, null],
  ['1025', 4, null, null],
  ['8', 2, 4, 8],
  ['+2', 2, 4, 6],
  ['-1', 2, 4, 3],
  ['max', 2, 4, 2],
  ['50%', 8, 1, 4],
  ['-4', 2, 4, null],
  ['0', 2, 4, null],
  ['+9999', 2, 4, null],
];

for (const [text, cpus, current, wanted] of cases) {
  test(`${JSON.stringify(text)} with ${cpus} CPUs and ${current ?? 'no'} workers is ${wanted ?? 'refused'}`, () => {
    if (wanted === null) {
      assert.throws(
        () => resolveInstances(text, { cpus, current }),
        (error) => error instanceof SkeinError && error.code === 'E_BAD_VALUE',
      );
    } else {
      assert.equal(resolveInstances(text, { cpus, current }), wanted);
    }
  });
}

test('any text is either refused as a bad value or a number of workers', () => {
  const text = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.integer().map((n) => `${n}%`),
  );
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 512 }),
      fc.option(fc.integer({ min: 1, max: 64 })),
      (word, cpus, current) => {
        try {
          const count = resolveInstances(word, { cpus, current });
          return Number.isInteger(count) && count >= 1 && count <= 1024;
        } catch (error) {
          return error instanceof SkeinError && error.code === 'E_BAD_VALUE';
        }
      },
    ),
  );
});
