/** Opens a file to append lines to. */
import type { Stats } from 'node:fs';
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../../os/make-directory.ts';

export interface Opened {
  readonly fd: number;
  readonly stat: Stats;
  /** A file that has a size and can be renamed, not a device. */
  readonly regular: boolean;
  /** The last byte is that of a line that was cut off. */
  readonly unfinished: boolean;
}

/** `EACCES: permission denied, open '/x'` as `permission denied`. */
export const reasonOf = (error: unknown): string =>
  (error as Error).message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+( '.*)?$/s, '');

const statOf = (path: string): Stats | null => {
  try {
    return statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
};

/** What cannot be a log, before it is opened: the open of a pipe that nobody reads never returns. */
const refuse = (stat: Stats): void => {
  if (stat.isDirectory()) throw new Error('it is a directory');
  if (stat.isFIFO()) throw new Error('it is a named pipe');
  if (stat.isSocket()) throw new Error('it is a socket');
};

const endsUnfinished = (fd: number, size: number): boolean => {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 10;
};

/** The file behind symbolic links: a rotation must rename that one. */
export const realLogPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Directories that are missing are made. @throws Error whose `reasonOf` says why it cannot be written */
export const openLog = (path: string): Opened => {
  const before = statOf(path);
  if (before !== null) refuse(before);
  else makeDirectory(dirname(path));
  const regular = before === null || before.isFile();
  const fd = openSync(path, regular ? 'a+' : 'a', 0o600);
  try {
    const stat = fstatSync(fd);
    return { fd, stat, regular, unfinished: regular && endsUnfinished(fd, stat.size) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};
