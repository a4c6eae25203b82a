/**
 * While no state server runs, the supervisor listens where it would, only to notice that somebody
 * wants it: whoever comes is turned away, and comes again.
 */
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { processExists } from '../os/proc.ts';

/** Whether anybody listens there. */
export const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    // unix(7): its queue is full.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code === 'EAGAIN'));
  });

/** Of processes that were killed between bind(2) and rename(2). */
export const removeLeftSockets = (path: string): void => {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d+$/.test(pid) && !processExists(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
};

export interface Lookout {
  close(): void;
}

/**
 * Takes the place of whatever is at `path`. Bound aside and renamed: closing a socket that was bound
 * at the path itself would take away what a state server has put there since (uv_pipe_bind(3)).
 */
export const lookOut = (path: string, wanted: () => void): Promise<Lookout> =>
  new Promise((resolve, reject) => {
    const aside = `${path}.${process.pid}`;
    rmSync(aside, { force: true });
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.destroy();
      wanted();
    });
    // Also later: accept(2) may fail for want of descriptors, and whoever came comes again.
    server.on('error', reject);
    server.listen(aside, () => {
      try {
        if (process.platform !== 'win32') chmodSync(aside, 0o600);
        renameSync(aside, path);
        resolve({ close: () => void server.close() });
      } catch (error) {
        server.close();
        reject(error);
      }
    });
  });
