/** A connection to one of Skein's own sockets for a worker whose user may not open it. */
import { constants } from 'node:os';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { BoundHandle } from './handles.ts';

export type Connected = (errno: number, handle: BoundHandle | null) => void;

/**
 * Gives a pipe on which nothing has been read, and `said` has been written. Without a supervisor it
 * waits in the queue.
 */
export const connectForWorker = (path: string, said: string, done: Connected): void => {
  const socket: Socket = connect(path);
  // Or Node would begin to read what is for the worker.
  socket.pause();
  socket.once('error', (error: NodeJS.ErrnoException) =>
    done(error.errno ?? -constants.errno.ECONNREFUSED, null),
  );
  socket.write(said, (error) => {
    if (error !== null && error !== undefined) return;
    const inside = socket as unknown as { _handle: BoundHandle | null };
    const handle = inside._handle;
    inside._handle = null;
    done(0, handle);
  });
};
