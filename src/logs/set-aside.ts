/**
 * Log files that a rotation has set aside: `<log>.<time>` and, compressed, `<log>.<time>.gz`. The
 * time is UTC, so the order of the names is the order of the lines, whatever the clock on the wall
 * does in March and October.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface SetAside {
  readonly path: string;
  /** `20261120T161009.123Z` */
  readonly stamp: string;
  readonly compressed: boolean;
}

const STAMP = /^\d{8}T\d{6}\.\d{3}Z$/;
const GZ = '.gz';

/** `20261120T161009.123Z` */
export const stampOf = (at: number): string => new Date(at).toISOString().replaceAll(/[-:]/g, '');

/** Milliseconds since the epoch. */
export const timeOfStamp = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(.*)$/, '$1-$2-$3:$4:$5'));

export const setAsidePath = (log: string, stamp: string): string => `${log}.${stamp}`;

/** What is set aside of this log, the oldest first. Empty when the directory cannot be read. */
export const listSetAside = (log: string): SetAside[] => {
  const [dir, prefix] = [dirname(log), `${basename(log)}.`];
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const compressed = name.endsWith(GZ);
      const stamp = name.slice(prefix.length, compressed ? -GZ.length : undefined);
      return { path: join(dir, name), stamp, compressed };
    })
    .filter(({ stamp }) => STAMP.test(stamp))
    .sort((a, b) =>
      a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : Number(a.compressed) - Number(b.compressed),
    );
};
