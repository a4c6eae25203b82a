/**
 * When the lines of a log were written: a small file beside it, for `--since` and for showing
 * several logs in one order. At most one entry a second, so it costs one short write a second.
 *
 *   file mwp77653 1234567        the log's name for ever, and its inode when it was begun: the
 *                                system gives the inode of a file that is gone to the next one
 *   1763655009123 0              from byte 0 on, lines were written at this time (ms) or later
 *   1763655010125 20480
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** One entry: everything from `offset` on was written at `at` or later. */
export interface IndexEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly offset: number;
}

export interface TimeIndex {
  readonly id: string | null;
  readonly inode: number | null;
  readonly entries: readonly IndexEntry[];
}

/** How far apart entries are. */
export const ENTRY_EVERY_MS = 1000;

/** `.api.out.log.times` beside `api.out.log`: a pattern for logs does not find it. */
export const indexPath = (log: string): string => join(dirname(log), `.${basename(log)}.times`);

export const encodeFile = (id: string, inode: number): string => `file ${id} ${inode}\n`;

/** What a log file is called in cursors. Without an index that is about it, its inode must do. */
export const fileId = ({ id, inode }: Pick<TimeIndex, 'id' | 'inode'>, own: number): string =>
  id !== null && inode === own ? id : `inode-${own}`;

export const encodeEntry = ({ at, offset }: IndexEntry): string => `${at} ${offset}\n`;

/** Lines that are no entries, such as one cut off by a crash, are left out. */
export const parseIndex = (text: string): TimeIndex => {
  let id: string | null = null;
  let inode: number | null = null;
  const entries: IndexEntry[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [first = '', second = '', third = ''] = line.split(' ');
    if (first === 'file') {
      id = second;
      inode = Number(third);
    } else if (/^\d+$/.test(first) && /^\d+$/.test(second)) {
      const offset = Number(second);
      if (offset >= (entries.at(-1)?.offset ?? 0)) entries.push({ at: Number(first), offset });
    }
  }
  return { id, inode, entries };
};

export const readIndex = (log: string): TimeIndex => {
  try {
    return parseIndex(readFileSync(indexPath(log), 'utf8'));
  } catch {
    return { id: null, inode: null, entries: [] };
  }
};

/** How many entries `matches` is true for, where it is true for the first ones only. */
const countFirst = (entries: readonly IndexEntry[], matches: (entry: IndexEntry) => boolean): number => {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (matches(entries[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** When what stands at this byte was written, to about a second; null: not known. */
export const timeAt = (entries: readonly IndexEntry[], offset: number): number | null =>
  entries[countFirst(entries, (entry) => entry.offset <= offset) - 1]?.at ?? null;

/** The byte from which on all was written since `since`, up to a second earlier; null: nothing was. */
export const offsetSince = (entries: readonly IndexEntry[], since: number): number | null => {
  const older = countFirst(entries, ({ at }) => at < since);
  const before = entries[older - 1];
  // Another entry is made only after a second: what follows this one may still be new enough.
  if (before !== undefined && since < before.at + ENTRY_EVERY_MS) return before.offset;
  return entries[older]?.offset ?? null;
};
