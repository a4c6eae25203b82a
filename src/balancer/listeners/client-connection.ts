/** What is known of a client's connection, from its socket or from the proxy before it. */
import type { BlockList, Socket } from 'node:net';
import type { ClientConnection } from '../contract.ts';
import { toAddress } from '../headers/address.ts';
import { isTrusted } from '../headers/client-address.ts';
import type { Proxied } from '../proxy-protocol/read.ts';

export interface Arrived {
  readonly socket: Socket;
  /** From the PROXY header; null: the socket's own ends count. */
  readonly proxied: Proxied | null;
  readonly trusted: BlockList;
  readonly secure: boolean;
  readonly protocol: '1.1' | '2';
  /** Its address in `listen`. */
  readonly listener: string;
}

const addressOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : toAddress(text);

export const clientConnection = (arrived: Arrived): ClientConnection => {
  const { socket, proxied, trusted, secure, protocol, listener } = arrived;
  const address = addressOf(proxied?.address ?? socket.remoteAddress);
  return {
    address,
    port: proxied?.port ?? socket.remotePort,
    localAddress: addressOf(proxied?.localAddress ?? socket.localAddress),
    localPort: proxied?.localPort ?? socket.localPort,
    trusted: isTrusted(address, trusted),
    secure,
    protocol,
    listener,
  };
};
