/** Files that are replaced whole: whoever reads finds the old text or the new one, also after a power cut. */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** rename(2) is in the directory, which has a cache of its own. */
const syncDirectory = (dir: string): void => {
  try {
    const fd = openSync(dir, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Windows, and file systems that cannot do this for a directory.
  }
};

/**
 * For this user alone (0600). Throws what the file system says; the old file stays then. Which of the
 * two is there after a power cut is open unless `durable`, which costs a second wait for the disk.
 */
export const replaceFile = (file: string, text: string, durable = false): void => {
  const next = `${file}.new`;
  const fd = openSync(next, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(next, file);
  if (durable) syncDirectory(dirname(file));
};

/**
 * Keeps a file under a second name too. The file itself is there at every moment, the second name
 * is not for a moment.
 */
export const keepAs = (file: string, second: string): void => {
  rmSync(second, { force: true });
  try {
    linkSync(file, second);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    // A file system without hard links.
    copyFileSync(file, second);
  }
};
