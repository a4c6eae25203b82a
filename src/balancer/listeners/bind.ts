/** Takes an address for a server, and says in words why it cannot be had. */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import type { ListenAddress } from './listen-address.ts';

const listen = (server: Server, address: ListenAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    server.once('error', failed);
    server.listen(address, () => {
      server.off('error', failed);
      resolve();
    });
  });

/** A unix socket whose process was killed: its file is there, and nobody listens. */
const isLeftOver = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return resolve(false);
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** Throws what `net.Server` says: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export const bind = async (server: Server, address: ListenAddress): Promise<void> => {
  try {
    await listen(server, address);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !('path' in address) || !(await isLeftOver(address.path)))
      throw error;
    unlinkSync(address.path);
    await listen(server, address);
  }
};

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there (EADDRINUSE)',
  EACCES: 'this user may not (EACCES)',
  EPERM: 'this user may not (EPERM)',
  EADDRNOTAVAIL: 'this machine has no such address (EADDRNOTAVAIL)',
  ENOENT: 'its directory does not exist (ENOENT)',
  ENOTFOUND: 'no such host is known (ENOTFOUND)',
};

/** For people; with the code of the system. */
export const whyNotBound = (error: unknown): string =>
  reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
