/** Makes the directory of an installation, or checks the one that is there. */
import { accessSync, chmodSync, constants, readdirSync, statSync } from 'node:fs';
import { makeDirectory } from '../os/make-directory.ts';
import { SkeinError } from '../core/errors.ts';
import type { Home } from '../os/home.ts';
import { excessOfSocketPath, tooLongForSocket } from '../os/socket-path.ts';

const unusable = (home: Home, reason: string, cause?: unknown): SkeinError =>
  new SkeinError('E_HOME', { home: home.dir, reason }, { cause });

const make = (home: Home): void => {
  try {
    makeDirectory(home.dir);
  } catch (error) {
    throw unusable(home, `it cannot be made (${(error as NodeJS.ErrnoException).code})`, error);
  }
};

/** Others must not get in. A directory that holds more than our files is not ours to lock. */
const lockOut = (home: Home, mode: number): void => {
  if ((mode & 0o077) === 0) return;
  const files = readdirSync(home.dir);
  if (files.length > 0 && !files.includes('state.json') && !files.includes('holder.json')) {
    throw unusable(
      home,
      `it holds other files, and users other than you can enter it (mode ${(mode & 0o777).toString(8)})`,
    );
  }
  chmodSync(home.dir, 0o700);
};

/** The state server's is bound under a name with its pid first: at most 4194304 (proc(5), pid_max). */
const socketsOf = ({ controlSocket, workerSocket, stateSocket }: Home): string[] => [
  controlSocket,
  workerSocket,
  `${stateSocket}.4194304`,
];

/**
 * The directory exists, is ours alone (0700), can be written, and its sockets' paths are short enough.
 * @throws SkeinError E_HOME
 */
export const prepareHome = (home: Home): void => {
  if (process.platform === 'win32') {
    make(home);
    return;
  }
  const excess = Math.max(...socketsOf(home).map(excessOfSocketPath));
  if (excess > 0) throw unusable(home, tooLongForSocket(excess));
  make(home);
  const stat = statSync(home.dir);
  if (!stat.isDirectory()) throw unusable(home, 'it is not a directory');
  if (stat.uid !== process.getuid?.()) throw unusable(home, 'it belongs to another user');
  lockOut(home, stat.mode);
  try {
    accessSync(home.dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(home, 'it cannot be written', error);
  }
};
