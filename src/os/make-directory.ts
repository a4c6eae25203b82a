/**
 * `mkdir -p`. Not `mkdirSync` with `recursive`: where the system says ENOENT although the parent is
 * there, as /proc does, Node 24 and its neighbours try the same two directories for ever.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Makes `dir` and the directories above it that are missing. Throws what the file system says. */
export const makeDirectory = (dir: string, mode = 0o700): void => {
  if (isDirectory(dir)) return;
  const parent = dirname(dir);
  if (!existsSync(parent)) makeDirectory(parent, mode);
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(dir)) throw error;
  }
};
