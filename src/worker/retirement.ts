/**
 * Servers that take no new connections and end those they have without losing a request: all of a
 * worker's when it drains, or one that the app has closed itself. Nothing here is in place, and
 * nothing costs anything, before the first server retires.
 */
import type { ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Tally } from './accounting.ts';
import { connectionOf } from './connections.ts';
import type { Http2Sessions } from './http2-sessions.ts';
import { lingerAtEnd } from './lingering-close.ts';
import { holdRequests, isLastResponse } from './pipelining.ts';
import type { HeadersGiven } from './say-close.ts';
import { withClose } from './say-close.ts';
import { kindOfServer } from './server-kind.ts';

type StoreHeader = (this: ServerResponse, firstLine: string, headers: HeadersGiven) => void;

export class Retirement {
  readonly #retired = new WeakSet<net.Server>();
  readonly #held = new WeakSet<net.Server>();
  readonly #sessions: Http2Sessions;
  readonly #tally: Tally;
  #patched = false;

  constructor(sessions: Http2Sessions, tally: Tally) {
    this.#sessions = sessions;
    this.#tally = tally;
  }

  has(server: net.Server): boolean {
    return this.#retired.has(server);
  }

  /** From here on each connection of `server` ends after its next response. Idempotent. */
  retire(server: net.Server): void {
    if (this.#retired.has(server)) return;
    this.#retired.add(server);
    const kind = kindOfServer(server);
    if (kind === 'net' || kind === 'tls') return;
    this.#patchResponses();
    if (!this.#held.has(server)) holdRequests(server, this.#tally, () => this.has(server));
    this.#held.add(server);
    if (kind === 'http2') this.#sessions.retire(server, () => this.has(server));
  }

  /** Its HTTP/2 sessions without a stream end now. */
  endIdleSessions(server: net.Server): void {
    this.#sessions.endIdle(server, 0);
  }

  /** The app listens with it again. */
  revive(server: net.Server): void {
    this.#retired.delete(server);
  }

  /** At the last moment before a header is written, so that it holds for requests in flight too. */
  #patchResponses(): void {
    if (this.#patched) return;
    this.#patched = true;
    // Loaded already: the app has an HTTP server.
    const prototype = process.getBuiltinModule('node:http').ServerResponse.prototype as unknown as {
      _storeHeader: StoreHeader;
    };
    const storeHeader = prototype._storeHeader;
    const endsConnection = (response: ServerResponse): boolean => this.#endsConnection(response);
    prototype._storeHeader = function (firstLine, headers) {
      storeHeader.call(this, firstLine, endsConnection(this) ? sayClose(this, headers) : headers);
    };
  }

  #endsConnection(response: ServerResponse): boolean {
    const socket = response.req?.socket as net.Socket | null | undefined;
    const connection = socket == null ? undefined : connectionOf(socket);
    if (connection === undefined || !this.has(connection.server)) return false;
    // 101: the connection lives on in another protocol.
    if (response.statusCode === 101 || !isLastResponse(response, connection)) return false;
    connection.closing = true;
    lingerAtEnd(connection.socket);
    return true;
  }
}

const sayClose = (response: ServerResponse, headers: HeadersGiven): HeadersGiven => {
  // Set one by one with setHeader: `headers` is then the response's own table of them.
  if (response.getHeaderNames().length === 0) return withClose(headers);
  response.removeHeader('keep-alive');
  response.setHeader('Connection', 'close');
  return headers;
};
