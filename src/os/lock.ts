/**
 * At most one holder per home. On Linux the lock is a listening socket in the abstract namespace
 * (unix(7)): bind(2) is atomic, and the kernel lets go of it when the process dies, however it
 * dies, so there is no stale lock to clean up and no living one that could be stolen. Whoever
 * comes second connects to it and hears when the first is ready.
 * Elsewhere a lock file made with O_EXCL stands in; a file whose process is gone is replaced.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { processExists } from './proc.ts';

export type Lock =
  | {
      readonly taken: false;
      /** Tells those who wait in `ready` of the other side. */
      markReady(): void;
    }
  | {
      readonly taken: true;
      /** Settles when the owner of the lock is ready, or is gone. */
      readonly ready: Promise<void>;
    };

/** Of the directory itself, not of one of its paths: two ways to write SKEIN_HOME are one home. */
const abstractName = (dir: string): string => {
  const { dev, ino } = statSync(dir);
  return `\0skein-${process.getuid?.() ?? 0}-${dev}-${ino}`;
};

const lockByAbstractSocket = (dir: string): Promise<Lock> =>
  new Promise((resolve, reject) => {
    const name = abstractName(dir);
    const waiting = new Set<Socket>();
    let isReady = false;
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      if (isReady) socket.end();
      else waiting.add(socket);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve({ taken: true, ready: heard(name) });
      else reject(error);
    });
    server.listen(name, () => {
      server.unref();
      resolve({
        taken: false,
        markReady: () => {
          isReady = true;
          for (const socket of waiting) socket.end();
        },
      });
    });
  });

const heard = (name: string): Promise<void> =>
  new Promise((resolve) => {
    connect(name)
      .on('error', () => {})
      .on('close', () => resolve())
      .resume();
  });

const lockByFile = (dir: string): Lock => {
  const file = join(dir, 'holder.lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return { taken: false, markReady: () => {} };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (processExists(Number(readFileSync(file, 'utf8')))) break;
      rmSync(file, { force: true });
    }
  }
  return { taken: true, ready: Promise.resolve() };
};

/** Takes the lock of a home for as long as this process lives, unless another process has it. */
export const lockHome = async (dir: string): Promise<Lock> =>
  process.platform === 'linux' ? await lockByAbstractSocket(dir) : lockByFile(dir);
