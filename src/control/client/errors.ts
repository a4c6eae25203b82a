/** What went wrong on the control socket, in words of the catalogue. */
import { SkeinError } from '../../core/errors.ts';
import type { Home } from '../../os/home.ts';

const reasons: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'there was no answer',
};

/**
 * An error of node:http or node:net as one of ours. ENOENT and ECONNREFUSED: no process listens,
 * the socket is at most a leftover. Anything later means that one listened and went away.
 */
export const socketError = (error: NodeJS.ErrnoException, home: Home): SkeinError => {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
      return new SkeinError('E_NO_SUPERVISOR', { home: home.dir }, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new SkeinError('E_PERMISSION', { path: home.controlSocket }, { cause: error });
    default:
      return supervisorGone(home, reasons[error.code ?? ''] ?? error.message, error);
  }
};

export const supervisorGone = (home: Home, reason: string, cause?: unknown): SkeinError =>
  new SkeinError('E_SUPERVISOR_GONE', { home: home.dir, reason, log: home.supervisorLog }, { cause });

/** The home's socket cannot exist: its path is longer than the system can say. */
export const unusableHome = (home: Home, reason: string): SkeinError =>
  new SkeinError('E_HOME', { home: home.dir, reason });
