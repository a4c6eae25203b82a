/**
 * The state server: what apps share, in the memory of one process per home. It keeps no journal. What
 * it holds outlives workers, rollouts, supervisors and upgrades; when it dies itself, entries are gone,
 * everybody who is connected notices, and versions go on growing by the clock, so that a fencing token
 * of before never passes for one of after.
 */
import { chmodSync, renameSync, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { STATE_PROTOCOL } from '../../protocol/state-wire.ts';
import { Connection } from './connection.ts';
import { Stores } from './stores.ts';

export interface StateServerOptions {
  /** Of the socket. What lies there is replaced in one step, so that no connection finds nothing. */
  readonly path: string;
  /** How long it stays with neither a connection nor an entry. */
  readonly idleMs: number;
  readonly log: (text: string) => void;
  /** Nobody needs it any more, or another has its place. */
  readonly onEnd: (why: 'idle' | 'replaced') => void;
}

/** How often it looks whether it is still wanted. */
const CHECK_MS = 1_000;

/** Undefined where there is nothing. */
const inodeOf = (path: string): bigint | undefined => {
  try {
    return statSync(path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
};

/** Rejects with the system's error when the socket cannot be made. */
export const startStateServer = (options: StateServerOptions): Promise<Server> => {
  const { path, idleMs, log, onEnd } = options;
  const stores = new Stores();
  const welcome = { protocol: STATE_PROTOCOL, pid: process.pid, started: Date.now() };
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
    });
    void new Connection(socket, { stores, welcome, log });
  });

  const watch = (inode: bigint | undefined): void => {
    let idleSince: number | undefined;
    const timer = setInterval(
      () => {
        if (open > 0 || !stores.empty) idleSince = undefined;
        else idleSince ??= performance.now();
        const replaced = inodeOf(path) !== inode;
        if (replaced) log('another process has the place of its socket');
        const idle = idleSince !== undefined && performance.now() - idleSince >= idleMs;
        if (!replaced && !idle) return;
        clearInterval(timer);
        onEnd(replaced ? 'replaced' : 'idle');
      },
      Math.min(CHECK_MS, idleMs),
    );
  };

  return new Promise((resolve, reject) => {
    const own = `${path}.${process.pid}`;
    server.once('error', reject);
    server.listen(own, () => {
      try {
        chmodSync(own, 0o600);
        const inode = inodeOf(own);
        renameSync(own, path);
        watch(inode);
      } catch (error) {
        server.close();
        reject(error);
        return;
      }
      server.off('error', reject);
      server.on('error', (error) => log(`a connection could not be accepted: ${error.message}`));
      resolve(server);
    });
  });
};
