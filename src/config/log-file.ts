/** Whether a log file can be written, as far as that shows before it is. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'what should be its directory is a file',
};

/** Why `path` (absolute) cannot be written, or undefined. Directories that are missing can be made. */
export const logFileProblem = (path: string): string | undefined => {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return 'it is a directory';
    let there = path;
    while (statSync(there, { throwIfNoEntry: false }) === undefined) there = dirname(there);
    if (there !== path && !statSync(there).isDirectory()) return reasons['ENOTDIR'];
    accessSync(there, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return reasons[code] ?? message;
  }
};
