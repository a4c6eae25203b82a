/**
 * From an accepted socket to a connection that is served: limits, the PROXY header, TLS, and then
 * HTTP/1 or HTTP/2, in this order.
 */
import type { BlockList, Socket } from 'node:net';
import type { ClientConnection, Front, OpenConnection } from '../contract.ts';
import { toAddress } from '../headers/address.ts';
import { isTrusted } from '../headers/client-address.ts';
import type { ConnectionCount } from '../limits/connection-count.ts';
import type { Proxied } from '../proxy-protocol/read.ts';
import { clientConnection } from './client-connection.ts';
import type { Listener, ListenerTerms } from './listener.ts';
import { receiveProxyHeader } from './receive-proxy-header.ts';
import { refuseConnection } from './refuse-connection.ts';

export type Serve = (
  socket: Socket,
  head: Uint8Array,
  connection: ClientConnection,
  front: Front,
) => OpenConnection;

export interface AcceptorTools {
  readonly front: Front;
  readonly count: ConnectionCount;
  readonly trusted: () => BlockList;
  readonly http1: Serve;
  /** Undefined where no listener has TLS. */
  readonly http2: () => Serve | undefined;
  /** It is served from now on, until its socket has closed. */
  readonly opened: (connection: OpenConnection, socket: Socket) => void;
}

const NOTHING = new Uint8Array(0);

/** What has to be remembered of a connection over which another one is made. */
interface Plain {
  readonly socket: Socket;
  readonly proxied: Proxied | null;
  readonly listener: string;
}

export class Acceptor {
  readonly #tools: AcceptorTools;

  constructor(tools: AcceptorTools) {
    this.#tools = tools;
  }

  take(socket: Socket, listener: Listener): void {
    const { front, count, trusted } = this.#tools;
    const { limits } = front.rules().front;
    const { terms } = listener;
    socket.on('error', ignore);
    if (!count.admit(limits)) return refuseConnection(socket, terms.secure === null);
    socket.once('close', () => count.left());
    if (!terms.settings.proxyProtocol) return this.#arrived(socket, NOTHING, null, listener.address, terms);
    const peer = socket.remoteAddress;
    if (!isTrusted(peer === undefined ? undefined : toAddress(peer), trusted())) {
      socket.destroy();
      return;
    }
    const watch = front.watch(() => socket.destroy());
    watch.expect('head');
    socket.once('close', () => watch.end());
    receiveProxyHeader(socket, (proxied, rest) => {
      watch.end();
      this.#arrived(socket, rest, proxied, listener.address, terms);
    });
  }

  #arrived(
    socket: Socket,
    head: Uint8Array,
    proxied: Proxied | null,
    listener: string,
    { secure }: ListenerTerms,
  ): void {
    const { front, count } = this.#tools;
    const { limits } = front.rules().front;
    if (limits.connectionsPerAddress !== null) {
      const text = proxied?.address ?? socket.remoteAddress;
      const address = text === undefined ? undefined : toAddress(text);
      if (!count.admitFrom(address, limits)) return refuseConnection(socket, secure === null);
      socket.once('close', () => count.leftFrom(address));
    }
    if (secure === null) return this.#serve(socket, head, { socket, proxied, listener }, '1.1', false);
    if (head.length > 0) socket.unshift(head);
    const secured = secure(socket);
    secured.on('error', ignore);
    const watch = front.watch(() => secured.destroy());
    watch.expect('head');
    secured.once('close', () => watch.end());
    // Half of a handshake is none.
    const left = (): void => void secured.destroy();
    secured.once('end', left);
    secured.once('secure', () => {
      watch.end();
      secured.off('end', left);
      // A server of node:tls does this; node:http2 waits for it.
      (secured as { secureConnecting?: boolean }).secureConnecting = false;
      const protocol = secured.alpnProtocol === 'h2' ? '2' : '1.1';
      this.#serve(secured, NOTHING, { socket, proxied, listener }, protocol, true);
    });
  }

  #serve(
    socket: Socket,
    head: Uint8Array,
    { socket: plain, proxied, listener }: Plain,
    protocol: '1.1' | '2',
    secure: boolean,
  ): void {
    const { front, http1, http2, trusted, opened } = this.#tools;
    const serve = protocol === '2' ? http2() : http1;
    if (serve === undefined) {
      socket.destroy();
      return;
    }
    const connection = clientConnection({
      socket: plain,
      proxied,
      trusted: trusted(),
      secure,
      protocol,
      listener,
    });
    opened(serve(socket, head, connection, front), socket);
  }
}

/** What it means is seen by its close. */
const ignore = (): void => {};
