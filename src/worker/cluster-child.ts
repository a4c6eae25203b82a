/**
 * What node:cluster put into this process as the child of a primary, and what of it must not hold:
 * there is no primary, only a holder, whose end must not be the worker's, and a worker with nothing
 * left to do ends like any Node program.
 */
import type { Worker } from 'node:cluster';
import cluster from 'node:cluster';
import { ipcPipe } from './node-internals.ts';

type Listener = (...args: unknown[]) => void;

const sourceHas = (listener: unknown, text: string): boolean => String(listener).includes(text);

/** The listener of lib/internal/cluster/child.js that exits when the parent is gone. */
const isExitOnDisconnect = (listener: unknown): boolean => sourceHas(listener, 'exitedAfterDisconnect');

/** The listener of lib/internal/cluster/worker.js that passes messages on to `cluster.worker`. */
const isRelay = (listener: unknown): boolean => sourceHas(listener, "emit('message'");

/** The listener of the same file that passes IPC errors on. What is sent over IPC is not the app's. */
const isErrorRelay = (listener: unknown): boolean => sourceHas(listener, "emit('error'");

/** The first two also keep the IPC channel, and with it the process, alive. */
export const releaseClusterChild = (): void => {
  for (const listener of process.rawListeners('disconnect')) {
    const inner = (listener as { listener?: unknown }).listener ?? listener;
    if (isExitOnDisconnect(inner)) process.removeListener('disconnect', listener as Listener);
  }
  const worker = cluster.worker;
  if (worker === undefined) return;
  for (const listener of process.listeners('error' as 'message')) {
    if (isErrorRelay(listener)) process.removeListener('error', listener as Listener);
  }
  // A holder that dies while this worker starts.
  process.on('error' as 'message', () => {});
  for (const listener of process.listeners('message')) {
    if (isRelay(listener)) relayOnDemand(worker, listener as Listener);
  }
};

/** Puts the relay back when the app first listens to `cluster.worker`'s messages. */
const relayOnDemand = (worker: Worker, relay: Listener): void => {
  process.removeListener('message', relay);
  worker.on('newListener', function restore(event: string) {
    if (event !== 'message') return;
    worker.removeListener('newListener', restore);
    process.on('message', relay);
  });
};

/**
 * Calls `onGone` when the holder has died. Node would call `process.disconnect()` then, which ends
 * apps that leave with their parent; to the app the channel stays as it was.
 * Returns a function that tells whether such a call is under way.
 */
export const watchHolder = (onGone: () => void): (() => boolean) => {
  const pipe = ipcPipe();
  let ending = false;
  if (pipe === undefined) return () => false;
  const { onread } = pipe;
  pipe.onread = function (chunk) {
    ending = chunk === undefined;
    try {
      onread.call(this, chunk);
    } finally {
      if (ending) onGone();
      ending = false;
    }
  };
  return () => ending;
};
