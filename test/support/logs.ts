/** What an app has printed, from its log files as they are. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { listSetAside } from '../../src/logs/set-aside.ts';

/** Between the renaming and the first line of the next there is none. */
const readCurrent = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** A file that is being compressed exists twice for a moment, or under its other name. */
const readOne = (path: string): string => {
  const plain = path.replace(/\.gz$/, '');
  try {
    return gunzipSync(readFileSync(`${plain}.gz`)).toString();
  } catch {
    return readFileSync(plain, 'utf8');
  }
};

/** The whole log, what is set aside included, the oldest line first. */
export const readLog = (path: string): string => {
  const aside = new Map(listSetAside(path).map((file) => [file.stamp, file.path]));
  return [...[...aside.values()].map(readOne), readCurrent(path)].join('');
};

/**
 * Checks lines of test/fixtures/apps/floods.js: whole, and of each worker all, in order, once.
 * Returns how many each worker has.
 */
export const countFlood = (lines: readonly string[], workers: number): number[] => {
  const next = Array.from({ length: workers }, () => 0);
  for (const line of lines) {
    const found = /^worker (\d+) line (\d+) (?:(?:ä€😀){4}|x{100000}) end$/.exec(line);
    assert.ok(found, `not a whole line: ${line.slice(0, 100)} (${line.length} characters)`);
    const slot = Number(found[1]);
    assert.equal(Number(found[2]), next[slot], `the next line of worker ${slot}`);
    next[slot] = Number(found[2]) + 1;
  }
  return next;
};
