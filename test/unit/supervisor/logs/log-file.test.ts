import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { listSetAside } from '../../../../src/logs/set-aside.ts';
import { readIndex } from '../../../../src/logs/time-index.ts';
import type { LogRotation } from '../../../../src/protocol/app-spec.ts';
import { LogFile } from '../../../../src/supervisor/logs/log-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-log-'));
after(() => rmSync(dir, { recursive: true }));

const none: LogRotation = {
  maxSizeBytes: null,
  everyMs: null,
  keep: 10,
  maxTotalBytes: null,
  compress: false,
};

interface Made {
  readonly file: LogFile;
  readonly path: string;
  readonly told: string[];
  /** The clock. */
  now: number;
  write(text: string): void;
}

let number = 0;
const made = (rotation: Partial<LogRotation> = {}, path = join(dir, `${(number += 1)}.log`)): Made => {
  const told: string[] = [];
  const one: Made = {
    path,
    told,
    now: new Date(2026, 10, 20, 16, 10).getTime(),
    file: new LogFile(
      path,
      { rotation: { ...none, ...rotation }, note: (text) => Buffer.from(`skein: ${text}\n`) },
      { now: () => one.now, tell: (kind, text) => told.push(`${kind} ${text}`), tidy: () => {} },
    ),
    write: (text) => one.file.append(Buffer.from(text)),
  };
  return one;
};

/** Everything of a log, the oldest first. */
const whole = (path: string): string =>
  [...listSetAside(path).map((file) => file.path), path].map((name) => readFileSync(name, 'utf8')).join('');

describe('a log file', () => {
  test('gets lines, and goes on where an earlier one ended', () => {
    const { path, write } = made();
    write('one\n');
    made({}, path).write('two\n');
    write('three\n');
    assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('a line that was cut off when a supervisor was killed is not continued by another one', () => {
    const { path, write } = made();
    writeFileSync(path, 'one\nhal');
    write('two\n');
    assert.equal(readFileSync(path, 'utf8'), 'one\nhal\ntwo\n');
  });

  test('directories on the way are made', () => {
    const { path, write } = made({}, join(dir, 'a', 'b', 'c.log'));
    write('one\n');
    assert.equal(readFileSync(path, 'utf8'), 'one\n');
  });

  test('reopen follows a rotation from outside; without it, it is noticed within a second', () => {
    const one = made();
    one.write('one\n');
    renameSync(one.path, `${one.path}.1`);
    one.write('two\n');
    one.file.reopen();
    one.write('three\n');
    assert.equal(readFileSync(`${one.path}.1`, 'utf8'), 'one\ntwo\n');
    rmSync(one.path);
    one.write('gone\n');
    one.now += 1000;
    one.write('four\n');
    assert.equal(readFileSync(one.path, 'utf8'), 'four\n');
  });

  test('emptied, by us and by others, it goes on at its beginning', () => {
    const one = made({ maxSizeBytes: 20 });
    one.write('one two three\n');
    assert.equal(one.file.flush(), true);
    one.write('four\n');
    assert.equal(readFileSync(one.path, 'utf8'), 'four\n');
    assert.deepEqual(one.file.end.offset, 5);
    writeFileSync(one.path, '');
    one.now += 1000;
    one.write('five five five\n');
    assert.equal(whole(one.path), 'five five five\n');
    assert.equal(listSetAside(one.path).length, 0);
  });

  test('tells where lines stand', () => {
    const one = made({ maxSizeBytes: 8 });
    const stand: [string, number][] = [];
    const files = new Set<string>();
    one.file.append(Buffer.from('one\ntwo\nthree\n'), (lines, file, offset) => {
      stand.push([lines.toString(), offset]);
      files.add(file);
    });
    assert.deepEqual(stand, [
      ['one\ntwo\n', 0],
      ['three\n', 0],
    ]);
    assert.equal(files.size, 2);
  });
});

describe('rotation', () => {
  test('between two lines: none is lost, split or in another order, and no file is too large', () => {
    const line = fc.string({ maxLength: 30 }).map((text) => `${text.replaceAll(/[\r\n]/g, '-')}\n`);
    fc.assert(
      fc.property(
        fc.array(fc.array(line, { minLength: 1 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 100 }),
        (writes, maxSizeBytes) => {
          const one = made({ maxSizeBytes });
          one.write('begin\n');
          for (const lines of writes) one.write(lines.join(''));
          assert.equal(whole(one.path), `begin\n${writes.flat().join('')}`);
          for (const { path } of listSetAside(one.path)) {
            const text = readFileSync(path, 'utf8');
            assert.ok(text.endsWith('\n'));
            assert.ok(text.length <= maxSizeBytes || text.indexOf('\n') === text.length - 1, text);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('by time: a file has lines of one period', () => {
    const one = made({ everyMs: 3_600_000 });
    one.write('16:10\n');
    one.now += 49 * 60_000;
    one.write('16:59\n');
    one.now += 60_000;
    one.write('17:00\n');
    const [aside] = listSetAside(one.path);
    assert.equal(readFileSync(aside?.path ?? '', 'utf8'), '16:10\n16:59\n');
    assert.equal(readFileSync(one.path, 'utf8'), '17:00\n');
  });

  test('by time, also when another supervisor has begun the file', () => {
    const before = made({ everyMs: 3_600_000 });
    before.write('16:10\n');
    const one = made({ everyMs: 3_600_000 }, before.path);
    one.now += 3_600_000;
    one.write('17:10\n');
    assert.equal(listSetAside(one.path).length, 1);
    assert.equal(readFileSync(one.path, 'utf8'), '17:10\n');
  });

  test('the index goes with the file', () => {
    const one = made({ maxSizeBytes: 10 });
    one.write('one\n');
    one.now += 5000;
    one.write('two\n');
    const { file } = one.file.end;
    one.write('three\n');
    const [aside] = listSetAside(one.path);
    const index = readIndex(aside?.path ?? '');
    assert.equal(index.id, file);
    assert.deepEqual(
      index.entries.map(({ offset }) => offset),
      [0, 4],
    );
    assert.deepEqual(
      readIndex(one.path).entries.map(({ offset }) => offset),
      [0],
    );
  });

  test('names follow each other also when the clock is set back', () => {
    const one = made({ maxSizeBytes: 4 });
    for (const text of ['1', '2', '3', '4']) {
      one.write(`${text}\n\n\n`);
      one.now -= 3_600_000;
    }
    assert.equal(whole(one.path), '1\n\n\n2\n\n\n3\n\n\n4\n\n\n');
  });

  test('a directory in which nothing may be renamed: said once, and the file goes on', () => {
    const one = made({ maxSizeBytes: 8 });
    one.write('one\n');
    rmSync(one.path);
    for (let n = 0; n < 5; n += 1) one.write('two two\n');
    assert.equal(one.told.length, 1);
    assert.match(one.told[0] ?? '', /^log-failed .* cannot be rotated and goes on: no such file/);
  });
});

describe('a file that cannot be written', () => {
  test('is said once, what is missing is counted, and it goes on', () => {
    const blocked = join(dir, 'blocked');
    writeFileSync(blocked, 'a file, no directory');
    const one = made({}, join(blocked, 'x.log'));
    one.write('one\n');
    one.write('two\nthree\n');
    assert.equal(one.told.length, 1);
    assert.match(one.told[0] ?? '', /^log-failed .* cannot be written: not a directory/);
    rmSync(blocked);
    mkdirSync(blocked);
    one.write('still too soon\n');
    one.now += 1000;
    one.write('five\n');
    assert.equal(readFileSync(one.path, 'utf8'), 'skein: 4 lines are missing here: not a directory\nfive\n');
    assert.equal(one.told.length, 2);
    assert.match(one.told[1] ?? '', /^log-recovered .* is written again; 4 lines are missing/);
  });

  test('a directory, and a pipe that nobody reads, do not hold anything up', () => {
    const one = made();
    mkdirSync(one.path);
    one.write('x\n');
    assert.match(one.told[0] ?? '', /it is a directory/);
    const two = made();
    execFileSync('mkfifo', [two.path]);
    two.write('x\n');
    assert.match(two.told[0] ?? '', /it is a named pipe/);
  });

  test('what is no file is written and never rotated', () => {
    const one = made({ maxSizeBytes: 1 }, '/dev/null');
    one.write('one\ntwo\n');
    assert.deepEqual(one.told, []);
    assert.equal(one.file.flush(), false);
  });

  test('files are closed with the log', () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let n = 0; n < 20; n += 1) {
      const one = made({ maxSizeBytes: 1 });
      one.write('one\ntwo\nthree\n');
      one.file.reopen();
    }
    assert.equal(open(), before);
  });

  test('a link is followed: the file behind it is set aside', () => {
    const one = made();
    const link = `${one.path}.link`;
    symlinkSync(one.path, link);
    one.write('x\n');
    assert.equal(readFileSync(link, 'utf8'), 'x\n');
    assert.equal(dirname(one.path), dir);
  });
});
