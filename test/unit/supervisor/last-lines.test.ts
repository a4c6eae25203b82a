import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { lastLines } from '../../../src/supervisor/last-lines.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-lines-'));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'log');

test('no file, an empty file, no lines wanted: nothing', () => {
  assert.deepEqual(lastLines(join(dir, 'none'), 5), []);
  writeFileSync(file, '');
  assert.deepEqual(lastLines(file, 5), []);
  writeFileSync(file, 'a\n');
  assert.deepEqual(lastLines(file, 0), []);
});

test('the last lines in their order, the unfinished one included', () => {
  writeFileSync(file, 'one\ntwo\nthree');
  assert.deepEqual(lastLines(file, 2), ['two', 'three']);
  writeFileSync(file, 'one\ntwo\nthree\n');
  assert.deepEqual(lastLines(file, 2), ['two', 'three']);
  assert.deepEqual(lastLines(file, 9), ['one', 'two', 'three']);
});

test('over the borders of blocks, also inside a character', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replaceAll(/[\r\n]/g, '-'));
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (lines, count) => {
        const long = lines.map((text) => text.repeat(Math.ceil(30_000 / text.length)));
        writeFileSync(file, `${long.join('\n')}\n`);
        assert.deepEqual(lastLines(file, count), long.slice(-count));
      },
    ),
    { numRuns: 20 },
  );
});
