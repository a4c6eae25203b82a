/** The files that one log consists of at this moment: those set aside, and the one that is written. */
import type { Stats } from 'node:fs';
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import type { LogPlace } from '../protocol/control.ts';
import { listSetAside } from './set-aside.ts';
import type { IndexEntry, TimeIndex } from './time-index.ts';
import { fileId, readIndex } from './time-index.ts';

/** Offsets are those of the uncompressed lines. */
export interface Segment {
  readonly path: string;
  readonly compressed: boolean;
  /** Of the file that is written: by the time it is read, its name may be that of the next one. */
  readonly fd: number | null;
  /** See `fileId`; null: not known, of a compressed one without an index. */
  readonly file: string | null;
  /** Where it begins and where it ends for who reads; `to` null: at its end. */
  readonly from: number;
  readonly to: number | null;
  readonly times: readonly IndexEntry[];
  /** When it was written last. */
  readonly changedAt: number;
}

const AGAIN = 10;

const openOrNull = (path: string): number | null => {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
};

const plain = (path: string, fd: number | null, stat: Stats, index: TimeIndex): Segment => ({
  path,
  compressed: false,
  fd,
  file: fileId(index, stat.ino),
  from: 0,
  to: stat.size,
  // Of another file: that of the same name before it was moved.
  times: index.inode === stat.ino ? index.entries : [],
  changedAt: stat.mtimeMs,
});

/** In the middle of a rotation, the index beside a file may not be its own. */
const isOdd = (index: TimeIndex, { ino }: Stats): boolean => index.inode !== null && index.inode !== ino;

const current = (path: string): Segment | null => {
  for (let attempt = 0; ; attempt += 1) {
    const fd = openOrNull(path);
    if (fd === null) return null;
    const stat = fstatSync(fd);
    const index = readIndex(path);
    if (stat.isFile() && (!isOdd(index, stat) || attempt >= AGAIN)) return plain(path, fd, stat, index);
    closeSync(fd);
    if (!stat.isFile()) return null;
  }
};

const setAside = (path: string, compressed: boolean): Segment | null => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!compressed && stat === undefined) return setAside(`${path}.gz`, true);
  if (stat === undefined) return null;
  let index = readIndex(compressed ? path.slice(0, -3) : path);
  for (let attempt = 0; index.id === null && attempt < AGAIN; attempt += 1) index = readIndex(path);
  if (!compressed) return plain(path, null, stat, index);
  const { id: file, entries: times } = index;
  return { path, compressed, fd: null, file, from: 0, to: null, times, changedAt: stat.mtimeMs };
};

/** The oldest first, up to where the log was written when `place` was told. Close them. */
export const segmentsOf = ({ path, file, offset }: Pick<LogPlace, 'path' | 'file' | 'offset'>): Segment[] => {
  // First, so that it is in the list of the others if it is set aside in between.
  const last = current(path);
  const aside = new Map(listSetAside(path).map((one) => [one.stamp, one]));
  const older = [...aside.values()]
    .flatMap((one) => setAside(one.path, one.compressed) ?? [])
    .filter((one) => last === null || one.file !== last.file);
  const all = last === null ? older : [...older, last];
  const end = all.findLastIndex((one) => one.file === file);
  closeSegments(all.slice(end + 1));
  return all.slice(0, end + 1).map((one, at) => (at === end ? { ...one, to: offset } : one));
};

/** What has come since: from this byte of this file on. Nothing when that file is there no more. */
export const segmentsFrom = (
  segments: readonly Segment[],
  cursor: { readonly file: string; readonly offset: number },
): Segment[] => {
  const first = segments.findIndex(({ file }) => file === cursor.file);
  if (first === -1) closeSegments(segments);
  if (first === -1) return [];
  return segments.slice(first).map((one, at) => {
    // Emptied in the meantime.
    const from = at > 0 || (one.to !== null && one.to < cursor.offset) ? 0 : cursor.offset;
    return { ...one, from };
  });
};

export const closeSegments = (segments: readonly Segment[]): void => {
  for (const { fd } of segments) if (fd !== null) closeSync(fd);
};

export interface OpenSegment {
  readonly fd: number;
  readonly compressed: boolean;
}

/** One that was set aside may have been compressed since. null: it has been thrown away. */
export const openSegment = ({ path, fd, compressed }: Segment): OpenSegment | null => {
  if (fd !== null) return { fd, compressed };
  const opened = openOrNull(path);
  if (opened !== null) return { fd: opened, compressed };
  const other = compressed ? null : openOrNull(`${path}.gz`);
  return other === null ? null : { fd: other, compressed: true };
};
