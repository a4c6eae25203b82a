/**
 * A client's HTTP/2 connection: a session of node:http2 over a socket that has agreed on it by ALPN. Each
 * stream is an exchange of its own.
 *
 * It ends in the two steps of RFC 9113, section 6.8: the first GOAWAY refuses nothing, and the second one
 * comes when a PING shows that the client has read it. Streams that arrive in between are held until then,
 * for nghttp2 reads nothing more from a session that has said GOAWAY and has no open stream.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ClientConnection, Front, OpenConnection, RequestHead, Watch } from '../contract.ts';
import { LocalBuckets } from '../limits/local-buckets.ts';
import { h2Request } from './h2-head.ts';
import { H2Stream, NO_ERROR } from './h2-stream.ts';

const http2: typeof import('node:http2') = process.getBuiltinModule('node:http2');

const FLAG_END_STREAM = 1;
const ENHANCE_YOUR_CALM = 11;
const HIGHEST_STREAM_ID = 2 ** 31 - 1;
const MOST_STREAMS = 128;
/** What may be on its way for all streams of a connection together; of each one it is 64 KiB. */
const SESSION_WINDOW = 256 * 1024;
const PING_MS = 1_000;
/** In a drain, a session without a stream for so long is closed without a first step. */
const IDLE_MS = 2_000;

/** Requests that a client gives up before their answer: browsers do, by the page; floods do nothing else. */
const GIVEN_UP = { perSecond: 20, burst: 200 };

class H2Connection implements OpenConnection {
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  readonly #connection: ClientConnection;
  readonly #front: Front;
  readonly #watch: Watch;
  readonly #givenUp = new LocalBuckets(GIVEN_UP);
  #state: 'open' | 'noticed' | 'closing' = 'open';
  #streams = 0;
  #requests = 0;
  #held: (() => void)[] = [];

  constructor(socket: Socket, connection: ClientConnection, front: Front) {
    this.#socket = socket;
    this.#connection = connection;
    this.#front = front;
    const { limits } = front.rules().front;
    this.#session = http2.performServerHandshake(socket, {
      settings: {
        enableConnectProtocol: false,
        maxConcurrentStreams: MOST_STREAMS,
        maxHeaderListSize: limits.headerBytes,
      },
      // The pseudo fields come on top.
      maxHeaderListPairs: limits.headerCount + 4,
    });
    const session = this.#session;
    this.#watch = front.watch(() => this.#late());
    this.#watch.expect('head');
    session.on('error', () => {});
    session.on('close', () => {
      this.#watch.end();
      socket.destroy();
    });
    session.on('connect', () => {
      if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW);
    });
    session.on('stream', (stream, _headers, flags, raw: string[]) => this.#arrived(stream, flags, raw));
  }

  get idle(): boolean {
    return this.#streams === 0;
  }

  drain(): void {
    if (this.#state !== 'open') return;
    if (this.#streams > 0) return this.#notice();
    setTimeout(() => {
      if (this.#state === 'open' && this.#streams === 0) this.#finish();
    }, IDLE_MS).unref();
  }

  #late(): void {
    if (this.#streams > 0) return;
    // After the last GOAWAY http2 waits for the client to close: for ever, if that one does not.
    if (this.#state === 'closing') this.#socket.destroy();
    else this.#finish();
  }

  #arrived(stream: ServerHttp2Stream, flags: number, raw: string[]): void {
    this.#streams += 1;
    this.#requests += 1;
    this.#watch.expect('nothing');
    // Also of one that is held and is reset meanwhile.
    stream.on('error', () => {});
    stream.once('close', () => {
      this.#streams -= 1;
      if (this.#streams === 0) this.#watch.expect('next');
    });
    const arrivedAt = performance.now();
    const begin = (): void => {
      if (!stream.destroyed) this.#begin(stream, (flags & FLAG_END_STREAM) !== 0, raw, arrivedAt);
    };
    const { keepAliveRequests } = this.#front.rules().front.limits;
    const last = keepAliveRequests !== null && this.#requests >= keepAliveRequests;
    if (this.#state === 'closing' || (!this.#front.draining && !last && this.#state === 'open'))
      return begin();
    this.#held.push(begin);
    // Until 'data' is listened for, what comes for it waits in its window.
    this.#notice();
  }

  #begin(stream: ServerHttp2Stream, ended: boolean, raw: string[], arrivedAt: number): void {
    const front = this.#front;
    const rules = front.rules();
    const request = h2Request(raw);
    const client = new H2Stream(stream, this.#connection, front, !ended);
    if ('status' in request) {
      const head = refusedHead(raw, arrivedAt);
      front.refuse(client, head, rules, request.status, request.reason);
      return;
    }
    const { method, target, contentLength } = request;
    const head: RequestHead = {
      method,
      target,
      version: '2',
      raw: request.raw,
      bodyLength: ended ? 0 : contentLength,
      hasBody: !ended,
      upgrade: false,
      beganAt: arrivedAt,
      arrivedAt,
    };
    client.begin(front, head, rules, () => this.#left());
  }

  #left(): void {
    if (this.#givenUp.take('', performance.now()) === null || this.#session.destroyed) return;
    this.#session.destroy(undefined, ENHANCE_YOUR_CALM);
  }

  #notice(): void {
    if (this.#state !== 'open') return;
    this.#state = 'noticed';
    const session = this.#session;
    if (session.destroyed) return;
    session.goaway(NO_ERROR, HIGHEST_STREAM_ID);
    const proceed = (): void => this.#finish();
    const timer = setTimeout(proceed, PING_MS).unref();
    const sent = session.ping(() => {
      clearTimeout(timer);
      proceed();
    });
    if (!sent) proceed();
  }

  #finish(): void {
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    const held = this.#held;
    this.#held = [];
    for (const begin of held) begin();
    if (this.#streams === 0) this.#watch.expect('next');
    if (!this.#session.destroyed && !this.#session.closed) this.#session.close();
  }
}

/** For the log; nothing of it is passed on. */
const refusedHead = (raw: string[], arrivedAt: number): RequestHead => {
  const value = (name: string): string => {
    const at = raw.indexOf(name);
    return at === -1 ? '' : (raw[at + 1] ?? '');
  };
  return {
    method: value(':method'),
    target: value(':path'),
    version: '2',
    raw: ['host', value(':authority')],
    bodyLength: 0,
    hasBody: false,
    upgrade: false,
    beganAt: arrivedAt,
    arrivedAt,
  };
};

export const serveHttp2 = (
  socket: Socket,
  _head: Uint8Array,
  connection: ClientConnection,
  front: Front,
): OpenConnection => new H2Connection(socket, connection, front);
