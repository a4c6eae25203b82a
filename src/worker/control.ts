/**
 * The connection to the supervisor. It comes back by itself: when a supervisor dies, the holder
 * keeps the socket, and a connection made in the meantime waits in its queue for the next one.
 * How things stand is in `hello`; only what happens once is kept for the next supervisor.
 *
 * It never keeps the process alive. The other end: src/supervisor/worker-handle.ts.
 */
import type { Socket } from 'node:net';
import { backoffMs } from '../core/backoff.ts';
import { createLineDecoder, encodeLine } from '../core/json-lines.ts';
import type { Dial } from './dial.ts';
import type { FromWorker, ToWorker } from '../protocol/worker.ts';

export interface ControlOptions {
  readonly dial: Dial;
  /** Said first on each connection. */
  readonly hello: () => FromWorker;
  readonly onMessage: (message: ToWorker) => void;
}

export interface Control {
  send(message: FromWorker): void;
}

const BACKOFF = { baseMs: 50, maxMs: 1_000 };
/** A supervisor that reads nothing must not make the worker grow. */
const MOST_UNSENT_BYTES = 1_048_576;
/** Messages that wait for the next supervisor; the oldest are dropped. */
const MOST_KEPT = 100;
const KEPT: ReadonlySet<FromWorker['type']> = new Set(['ready', 'drained', 'message']);

export const connectControl = ({ dial, hello, onMessage }: ControlOptions): Control => {
  const kept: FromWorker[] = [];
  let socket: Socket | null = null;
  /** Connections in a row on which the other end said nothing. */
  let failures = 0;

  const write = (to: Socket, message: FromWorker): void => {
    if (to.writableLength < MOST_UNSENT_BYTES) to.write(encodeLine(message));
  };

  const open = (): void => {
    const lines = createLineDecoder((value) => {
      if (typeof value === 'object' && value !== null) onMessage(value as ToWorker);
    });
    dial({
      open(connected) {
        socket = connected;
        write(connected, hello());
        for (const message of kept.splice(0)) write(connected, message);
      },
      data(chunk) {
        failures = 0;
        lines.push(chunk);
      },
      closed(wasOpen) {
        socket = null;
        const attempt = failures++;
        // A lost connection is made anew at once: the next supervisor will find it waiting.
        if (wasOpen && attempt === 0) return open();
        setTimeout(open, backoffMs(BACKOFF, attempt, Math.random)).unref();
      },
    });
  };
  open();

  return {
    send(message) {
      if (socket !== null) write(socket, message);
      else if (KEPT.has(message.type) && kept.push(message) > MOST_KEPT) kept.shift();
    },
  };
};
