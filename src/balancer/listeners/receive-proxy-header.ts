/** Reads the PROXY protocol header of a connection, before anything else does. */
import type { Socket } from 'node:net';
import type { Proxied } from '../proxy-protocol/read.ts';
import { readProxyHeader } from '../proxy-protocol/read.ts';

const NOTHING = Buffer.alloc(0);

/**
 * `done` is called once, with what came behind the header; when the header is no header, or the
 * connection ends before it, the connection is closed and nobody is told.
 */
export const receiveProxyHeader = (
  socket: Socket,
  done: (proxied: Proxied | null, rest: Buffer) => void,
): void => {
  let bytes: Buffer = NOTHING;
  const leave = (): void => {
    socket.off('data', take);
    socket.off('end', end);
  };
  const end = (): void => {
    leave();
    socket.destroy();
  };
  const take = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const header = readProxyHeader(bytes);
    switch (header.is) {
      case 'unfinished':
        return;
      case 'bad':
        return end();
      case 'whole':
        leave();
        socket.pause();
        return done(header.proxied, bytes.subarray(header.length));
    }
  };
  socket.on('data', take);
  socket.on('end', end);
};
