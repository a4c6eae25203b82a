/** A connection to a unix socket. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** Rejects with the system's error, such as ENOENT, ECONNREFUSED or EACCES. */
export const connectPath = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
