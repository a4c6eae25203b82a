/**
 * The side thread of a worker with a hang timeout. When the main thread's event loop has not
 * turned for most of that timeout, it interrupts the JavaScript that runs there through the
 * inspector, takes the stack, lets it go on, and sends the stack to the supervisor over a
 * connection of its own: the main thread cannot.
 */
import { writeSync } from 'node:fs';
import { connect } from 'node:net';
import { workerData } from 'node:worker_threads';
import { encodeLine } from '../core/json-lines.ts';
import type { FromWorker } from '../protocol/worker.ts';
import { mainThreadStack } from './main-thread-stack.ts';

export interface HangThreadData {
  /** How often the loop has turned, and the descriptor of a connection that is kept open for this
   *  thread; 0: it makes its own. */
  readonly shared: SharedArrayBuffer;
  readonly socket: string;
  readonly id: string;
  readonly hangTimeoutMs: number;
}

const { shared, socket, id, hangTimeoutMs } = workerData as HangThreadData;

/** The stack has to be with the supervisor before it replaces the worker. */
const noticeMs = hangTimeoutMs * 0.7;
const lookEveryMs = Math.max(5, hangTimeoutMs / 20);
/** How long the main thread may take to stop: code outside of JavaScript never does. */
const stackWithinMs = Math.max(100, hangTimeoutMs * 0.25);

const turns = new Int32Array(shared);
let lastTurns = Atomics.load(turns, 0);
let lastTurnAt = performance.now();
let reported = false;

const look = async (): Promise<void> => {
  const now = performance.now();
  const seen = Atomics.load(turns, 0);
  if (seen !== lastTurns) {
    lastTurns = seen;
    lastTurnAt = now;
    reported = false;
    return;
  }
  const blockedMs = Math.round(now - lastTurnAt);
  if (reported || blockedMs < noticeMs) return;
  reported = true;
  report(blockedMs, await mainThreadStack(stackWithinMs));
};

const report = (blockedMs: number, stack: string): void => {
  const message: FromWorker = { type: 'hang', id, blockedMs, stack };
  const open = Atomics.load(turns, 1);
  if (open !== 0) {
    try {
      writeSync(open, encodeLine(message));
    } catch {
      // No supervisor at the moment, or one that reads nothing.
    }
    return;
  }
  const connection = connect(socket);
  // No supervisor at the moment: there is nobody to tell.
  connection.on('error', () => {});
  connection.end(encodeLine(message));
  connection.resume();
};

setInterval(() => void look(), lookEveryMs);
