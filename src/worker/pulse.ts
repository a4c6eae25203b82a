/**
 * Answers each byte with a byte, on a socket of its own: to a balancer that is the sign that the event loop
 * turns. It is nothing of the app's: it keeps no process alive and counts as no connection.
 */
import { Socket } from 'node:net';
import type { ServerHandle } from './node-internals.ts';

const BACKLOG = 64;

/** Begins to answer. Returns the negative libuv error number when it cannot, else 0. */
export const answerPulse = (handle: ServerHandle): number => {
  handle.onconnection = (_status: number, client?: object) => {
    if (client === undefined) return;
    const socket = new Socket({ handle: client, readable: true, writable: true } as never);
    socket.unref();
    // The balancer is gone.
    socket.on('error', () => {});
    socket.on('data', (bytes) => void socket.write(bytes));
  };
  const errno = handle.listen(BACKLOG);
  handle.unref();
  return errno;
};
