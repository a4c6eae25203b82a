/**
 * Starts the thread that notices when the event loop of this process is blocked (hang-thread.ts),
 * and tells it that the loop turns. Only for apps with a hang timeout: a thread costs memory.
 */
import { Worker } from 'node:worker_threads';
import { accessSync, constants } from 'node:fs';
import { extname } from 'node:path';
import type { Dial } from './dial.ts';
import type { HangThreadData } from './hang-thread.ts';

export interface HangWatchOptions {
  /** The supervisor's socket; the thread has a connection of its own to it. */
  readonly socket: string;
  readonly dial: Dial;
  readonly id: string;
  readonly hangTimeoutMs: number;
}

/** Turns of the loop that the thread is told about, per hang timeout. */
const TURNS = 20;
const LONGEST_TURN_MS = 50;

const REDIAL_MS = 1_000;

const mayOpen = (socket: string): boolean => {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EACCES';
  }
};

/** The thread cannot ask the holder for a connection: it writes to the descriptor of this one. */
const keepOpen = (dial: Dial, turns: Int32Array): void =>
  dial({
    open: (connection) =>
      Atomics.store(turns, 1, (connection as unknown as { _handle: { fd: number } })._handle.fd),
    data: () => {},
    closed() {
      Atomics.store(turns, 1, 0);
      setTimeout(() => keepOpen(dial, turns), REDIAL_MS).unref();
    },
  });

export const watchForHangs = ({ socket, dial, id, hangTimeoutMs }: HangWatchOptions): void => {
  const shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const turns = new Int32Array(shared);
  if (!mayOpen(socket)) keepOpen(dial, turns);
  const workerData: HangThreadData = { shared, socket, id, hangTimeoutMs };
  const thread = new Worker(new URL(`./hang-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData,
    name: 'skein-hang-watch',
    // Nothing of the app's: no preloads, no environment, no arguments.
    execArgv: [],
    argv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  thread.unref();
  // The watch may fail; the app must not.
  thread.on('error', () => {});
  const everyMs = Math.max(5, Math.min(LONGEST_TURN_MS, hangTimeoutMs / TURNS));
  setInterval(() => Atomics.add(turns, 0, 1), everyMs).unref();
};
