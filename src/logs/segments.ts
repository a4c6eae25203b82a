/** The files that one log consists of at this moment: those set aside, and the one that is written. */
import { statSync } from 'node:fs';
import type { LogPlace } from '../protocol/control.ts';
import { listSetAside } from './set-aside.ts';
import type { IndexEntry } from './time-index.ts';
import { readIndex } from './time-index.ts';

/** Offsets are those of the uncompressed lines. */
export interface Segment {
  readonly path: string;
  readonly compressed: boolean;
  /** null: not known, of a compressed one without an index. */
  readonly inode: number | null;
  /** Where it begins and where it ends for who reads; `to` is null for a compressed one: at its end. */
  readonly from: number;
  readonly to: number | null;
  readonly times: readonly IndexEntry[];
  /** When it was written last. */
  readonly changedAt: number;
}

const segment = (path: string, compressed: boolean): Segment | null => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return null;
  const index = readIndex(compressed ? path.slice(0, -3) : path);
  return {
    path,
    compressed,
    inode: compressed ? index.inode : stat.ino,
    from: 0,
    to: compressed ? null : stat.size,
    // Of another file: that of the same name before it was moved.
    times: compressed || index.inode === stat.ino ? index.entries : [],
    changedAt: stat.mtimeMs,
  };
};

/** The oldest first, up to where the log was written when `place` was told. */
export const segmentsOf = ({
  path,
  inode,
  offset,
}: Pick<LogPlace, 'path' | 'inode' | 'offset'>): Segment[] => {
  const aside = new Map(listSetAside(path).map((file) => [file.stamp, file]));
  const all = [...aside.values(), { path, compressed: false }].flatMap(
    (file) => segment(file.path, file.compressed) ?? [],
  );
  const last = all.findLastIndex((one) => one.inode === inode);
  if (last === -1) return all.filter((one) => one.path !== path);
  return all
    .slice(0, last + 1)
    .map((one, at) => (at === last && !one.compressed ? { ...one, to: offset } : one));
};

/** What has come since: from this byte of this file on. Nothing when that file is there no more. */
export const segmentsFrom = (
  segments: readonly Segment[],
  cursor: { readonly inode: number; readonly offset: number },
): Segment[] => {
  const first = segments.findIndex(({ inode }) => inode === cursor.inode);
  if (first === -1) return [];
  return segments.slice(first).map((one, at) => {
    // Emptied in the meantime.
    const from = at > 0 || (one.to !== null && one.to < cursor.offset) ? 0 : cursor.offset;
    return { ...one, from };
  });
};
