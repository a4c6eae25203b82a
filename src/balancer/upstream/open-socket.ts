/** Opens a socket to an upstream. What it reads goes to a callback and never through a stream. */
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { UpstreamAddress } from '../../protocol/balance.ts';

export interface Reader {
  /** Where the next read goes. */
  buffer(): Buffer;
  /** False: no further reads until `socket.resume()`. */
  read(size: number, bytes: Buffer): boolean;
}

export interface OpenedSocket {
  readonly socket: Socket;
  /** The event that says that requests can be sent. */
  readonly ready: 'connect' | 'secureConnect';
}

/** TLS over a connection that began in clear text: there is no `onread` then, and chunks are Node's. */
const secured = (plain: Socket, options: object, reader: Reader): OpenedSocket => {
  const socket = connectTls({ ...options, socket: plain });
  plain.on('error', (error) => socket.destroy(error));
  socket.on('data', (chunk: Buffer) => {
    if (!reader.read(chunk.length, chunk)) socket.pause();
  });
  return { socket, ready: 'secureConnect' };
};

/**
 * `preamble`: a PROXY protocol header, the very first bytes. Half-open connections stay open: who opened
 * it decides what the end of the other half means.
 */
export const openSocket = (
  address: UpstreamAddress,
  reader: Reader,
  preamble: Uint8Array | null,
): OpenedSocket => {
  const onread = {
    buffer: () => reader.buffer(),
    callback: (size: number, bytes: Uint8Array) => reader.read(size, bytes as Buffer),
  };
  switch (address.kind) {
    case 'unix':
    case 'tcp': {
      const where =
        address.kind === 'unix'
          ? { path: address.path }
          : { host: address.host, port: address.port, noDelay: true };
      const socket = connect({ ...where, allowHalfOpen: true, onread });
      if (preamble !== null) socket.write(preamble);
      return { socket, ready: 'connect' };
    }
    case 'tls': {
      const { host, port, insecure } = address;
      const options = {
        host,
        allowHalfOpen: true,
        rejectUnauthorized: !insecure,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) === 0 ? { servername: host } : {}),
      };
      if (preamble === null)
        return {
          socket: connectTls({ ...options, port, noDelay: true, onread } as object),
          ready: 'secureConnect',
        };
      const plain = connect({ host, port, noDelay: true, allowHalfOpen: true });
      plain.write(preamble);
      return secured(plain, options, reader);
    }
  }
};
