/**
 * The open connections of each server, one small record per connection. Everything that happens
 * per request works on that record: see accounting.ts.
 */
import type { ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { inside } from './node-internals.ts';
import { isSecure } from './server-kind.ts';

export interface Connection {
  readonly socket: net.Socket;
  readonly server: net.Server;
  /** HTTP/1 requests begun and not finished: more than one when the client pipelines. */
  inFlight: number;
  /** The newest of several pipelined requests; null while there is at most one. */
  newest: ServerResponse | null;
  /** A response has said `Connection: close`: later requests on it are not answered (RFC 9112, 9.6). */
  closing: boolean;
  /** The `Upgrade` token it has switched to, lower case; null while it speaks HTTP. */
  upgraded: string | null;
  /** It carries an HTTP/2 session. */
  http2: boolean;
}

const kConnection = Symbol('skein.connection');
const kIgnored = Symbol('skein.ignored');

type Marked = { [kConnection]?: Connection; [kIgnored]?: true };

/** undefined for a socket that came from no server of ours, such as that of a probe. */
export const connectionOf = (socket: Duplex): Connection | undefined => (socket as Marked)[kConnection];

/** Makes a connection that is injected into a server invisible to the accounting. */
export const ignoreConnection = (socket: Duplex): void => {
  (socket as Marked)[kIgnored] = true;
};

export class Connections {
  readonly #open = new Map<net.Server, Set<Connection>>();
  readonly #onClose: (connection: Connection) => void;

  constructor(onClose: (connection: Connection) => void) {
    this.#onClose = onClose;
  }

  /** Follows the connections of `server` from now on. Idempotent. */
  watch(server: net.Server): void {
    if (this.#open.has(server)) return;
    this.#forgetClosedServers();
    const open = new Set<Connection>();
    this.#open.set(server, open);
    const onConnection = (socket: net.Socket): void => this.#track(server, open, socket);
    // In front: Node's HTTP/2 code creates the session inside its own listener.
    server.prependListener(
      isSecure(server) ? ('secureConnection' as 'connection') : 'connection',
      onConnection,
    );
  }

  servers(): net.Server[] {
    return [...this.#open.keys()];
  }

  of(server: net.Server): readonly Connection[] {
    return [...(this.#open.get(server) ?? [])];
  }

  /** Open connections of all servers, TLS handshakes included. */
  count(): number {
    let count = 0;
    for (const server of this.#open.keys()) count += inside(server)._connections;
    return count;
  }

  /** Nothing is open, and all that was has been accounted for. */
  get empty(): boolean {
    return this.count() === 0 && [...this.#open.values()].every(({ size }) => size === 0);
  }

  #track(server: net.Server, open: Set<Connection>, socket: net.Socket): void {
    if ((socket as Marked)[kIgnored] === true) return;
    const connection: Connection = {
      socket,
      server,
      inFlight: 0,
      newest: null,
      closing: false,
      upgraded: null,
      http2: false,
    };
    (socket as Marked)[kConnection] = connection;
    open.add(connection);
    socket.on('close', () => {
      open.delete(connection);
      this.#onClose(connection);
    });
  }

  #forgetClosedServers(): void {
    for (const server of this.#open.keys()) {
      if (!server.listening && inside(server)._connections === 0) this.#open.delete(server);
    }
  }
}
