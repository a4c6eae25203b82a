/** What a connection gets for which there is no place. Nothing of it is read for that. */
import type { Socket } from 'node:net';

const ANSWER =
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** So many may still take their answer in peace; beyond it they are closed without one. */
const MOST_LINGERING = 256;
const LINGER_MS = 1_000;

const lingering = new Set<Socket>();
let sweep: NodeJS.Timeout | undefined;

const destroyAll = (): void => {
  sweep = undefined;
  for (const socket of lingering) socket.destroy();
};

/** `canAnswer`: it is HTTP/1 in clear text. */
export const refuseConnection = (socket: Socket, canAnswer: boolean): void => {
  if (!canAnswer || lingering.size >= MOST_LINGERING) {
    socket.destroy();
    return;
  }
  lingering.add(socket);
  socket.once('close', () => lingering.delete(socket));
  socket.once('end', () => socket.destroy());
  // Closed with bytes unread the kernel sends a reset, which can overtake the answer.
  socket.resume();
  socket.end(ANSWER);
  sweep ??= setTimeout(destroyAll, LINGER_MS).unref();
};
