import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { lastLogLines, logLinesFrom, logLinesSince } from '../../../src/logs/history.ts';
import { mergeLines } from '../../../src/logs/merge.ts';
import {
  encodeEntry,
  encodeFile,
  indexPath,
  offsetSince,
  parseIndex,
  timeAt,
} from '../../../src/logs/time-index.ts';
import type { LogLine, LogPlace } from '../../../src/protocol/control.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-history-'));
after(() => rmSync(dir, { recursive: true }));

const all = (): boolean => true;
const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);
const collect = async (lines: AsyncIterable<LogLine>): Promise<string[]> => {
  const found: LogLine[] = [];
  for await (const line of lines) found.push(line);
  return texts(found);
};

/** The place of a log, with its index: pairs of a time and an offset. */
const placeOf = (path: string, times: readonly (readonly [number, number])[] = []): LogPlace => {
  const { ino, size } = statSync(path);
  writeFileSync(
    indexPath(path),
    encodeFile('now', ino) + times.map(([at, offset]) => encodeEntry({ at, offset })).join(''),
  );
  return { app: 'api', slot: null, stream: 'out', format: 'plain', path, file: 'now', offset: size };
};

let number = 0;
const newLog = (text: string | Buffer): string => {
  const path = join(dir, `${(number += 1)}.log`);
  writeFileSync(path, text);
  return path;
};
const setAside = (log: string, second: number, text: string, compressed: boolean): string => {
  const path = `${log}.20260101T00000${second}.000Z`;
  writeFileSync(compressed ? `${path}.gz` : path, compressed ? gzipSync(text) : text);
  return path;
};

describe('the time index', () => {
  const { entries } = parseIndex('file a 7\n1000 0\n2000 50\nhalf a li\n\n9000 80\n');

  test('says when a byte was written, and from where on all is new', () => {
    assert.deepEqual(
      [0, 49, 50, 79, 80, 1000].map((offset) => timeAt(entries, offset)),
      [1000, 1000, 2000, 2000, 9000, 9000],
    );
    assert.deepEqual(
      [0, 1000, 1500, 2500, 5000, 9000, 9500, 99_999].map((since) => offsetSince(entries, since)),
      [0, 0, 0, 50, 80, 80, 80, null],
    );
    assert.equal(timeAt([], 5), null);
  });

  test('no line that is new enough is left out, whenever lines were written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { minLength: 1 }), fc.nat(20_000), (gaps, since) => {
        let at = 0;
        const written = gaps.map((gap, offset) => ({ at: (at += gap), offset }));
        const made: { at: number; offset: number }[] = [];
        for (const entry of written)
          if (made.length === 0 || entry.at - made.at(-1)!.at >= 1000) made.push(entry);
        const from = offsetSince(made, since) ?? Infinity;
        for (const entry of written) {
          if (entry.at >= since) assert.ok(entry.offset >= from);
          if (entry.at < since - 1000) assert.ok(entry.offset < from);
        }
      }),
    );
  });
});

describe('the last lines of a log', () => {
  test('are found over the borders of blocks, also inside a character', async () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replaceAll(/[\r\n]/g, '-'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        async (lines, count) => {
          const long = lines.map((text) => text.repeat(Math.ceil(30_000 / text.length)));
          const path = newLog(`${long.join('\n')}\n`);
          assert.deepEqual(texts(await lastLogLines(placeOf(path), count, all)), long.slice(-count));
          rmSync(path);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('no file, an empty one, empty lines', async () => {
    const path = newLog('');
    const place = placeOf(path);
    assert.deepEqual(await lastLogLines(place, 5, all), []);
    assert.deepEqual(await lastLogLines({ ...place, path: join(dir, 'none'), file: '' }, 5, all), []);
    writeFileSync(path, '\n\na\n\n');
    assert.deepEqual(texts(await lastLogLines(placeOf(path), 9, all)), ['', '', 'a', '']);
  });

  test('reach back into what is set aside, compressed or not', async () => {
    const path = newLog('5\n6\n');
    setAside(path, 1, '1\n2\n', true);
    setAside(path, 2, '3\n4\n', false);
    // Compressed, and the original not removed yet: read once.
    setAside(path, 1, '1\n2\n', false);
    for (const [count, from] of [
      [1, 6],
      [3, 4],
      [5, 2],
      [9, 1],
    ] as const)
      assert.deepEqual(
        texts(await lastLogLines(placeOf(path), count, all)),
        ['1', '2', '3', '4', '5', '6'].slice(from - 1),
      );
    assert.deepEqual(texts(await lastLogLines(placeOf(path), 2, ({ text }) => Number(text) % 2 === 1)), [
      '3',
      '5',
    ]);
  });

  test('end where the log ended when the supervisor was asked, also after a rotation', async () => {
    const path = newLog('1\n2\n');
    const place = placeOf(path);
    writeFileSync(path, '1\n2\n3\n');
    assert.deepEqual(texts(await lastLogLines(place, 9, all)), ['1', '2']);
  });

  test('a damaged file is read as far as it goes', async () => {
    const path = newLog('2\n');
    writeFileSync(`${path}.20260101T000001.000Z.gz`, gzipSync('1\n'.repeat(50_000)).subarray(0, 100));
    assert.equal((await lastLogLines(placeOf(path), 5, all)).at(-1)?.text, '2');
  });

  test('of a JSON log are what was printed', async () => {
    const json = {
      time: '2026-11-20T16:10:09.123Z',
      app: 'web',
      slot: 3,
      pid: 9,
      stream: 'err',
      text: 'a\tb',
    };
    const path = newLog(`${JSON.stringify(json)}\n{"time":"x"}\nplain\n`);
    assert.deepEqual(await lastLogLines({ ...placeOf(path), format: 'json' }, 3, all), [
      { at: Date.parse(json.time), app: 'web', slot: 3, stream: 'err', text: 'a\tb' },
      { at: null, app: 'api', slot: null, stream: 'out', text: '{"time":"x"}' },
      { at: null, app: 'api', slot: null, stream: 'out', text: 'plain' },
    ]);
  });
});

describe('lines since', () => {
  const now = Date.now();

  test('a time: from the index on, compressed files included', async () => {
    const path = newLog('5\n6\n');
    const aside = setAside(path, 1, '1\n2\n3\n4\n', true);
    writeFileSync(indexPath(aside), `file five 5\n${now - 60_000} 0\n${now - 30_000} 4\n`);
    const place = placeOf(path, [
      [now - 10_000, 0],
      [now - 5_000, 2],
    ]);
    assert.deepEqual(await collect(logLinesSince(place, now - 70_000, all)), ['1', '2', '3', '4', '5', '6']);
    assert.deepEqual(await collect(logLinesSince(place, now - 40_000, all)), ['3', '4', '5', '6']);
    assert.deepEqual(await collect(logLinesSince(place, now - 7_000, all)), ['6']);
    assert.deepEqual(await collect(logLinesSince(place, now, all)), []);
  });

  test('a byte of a file, through the rotations since', async () => {
    const path = newLog('5\n6\n');
    const aside = setAside(path, 1, '1\n2\n', true);
    writeFileSync(indexPath(aside), 'file five 5\n');
    const second = setAside(path, 2, '3\n4\n', false);
    const place = placeOf(path);
    assert.deepEqual(await collect(logLinesFrom(place, { file: 'five', offset: 2 }, all)), [
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    assert.deepEqual(
      await collect(logLinesFrom(place, { file: `inode-${statSync(second).ino}`, offset: 2 }, all)),
      ['4', '5', '6'],
    );
    assert.deepEqual(await collect(logLinesFrom(place, place, all)), []);
    // Compressed since it was told where the log ends.
    const told = { ...place, file: 'five', offset: 2 };
    assert.deepEqual(await collect(logLinesFrom(told, { file: 'five', offset: 0 }, all)), ['1']);
    // Emptied since, or nowhere any more.
    assert.deepEqual(await collect(logLinesFrom(place, { file: place.file, offset: 99 }, all)), ['5', '6']);
    assert.deepEqual(await collect(logLinesFrom(place, { file: 'other', offset: 0 }, all)), []);
  });
});

test('several logs come in the order of time, each in its own', async () => {
  const line = (at: number | null, text: string): LogLine => ({
    at,
    app: 'a',
    slot: null,
    stream: 'out',
    text,
  });
  const merged = mergeLines([
    [line(null, 'a0'), line(1, 'a1'), line(5, 'a5'), line(4, 'a4')],
    [line(1, 'b1'), line(3, 'b3'), line(null, 'b?'), line(9, 'b9')],
    [],
  ]);
  assert.deepEqual(await collect(merged), ['a0', 'a1', 'b1', 'b3', 'b?', 'a5', 'a4', 'b9']);
});
