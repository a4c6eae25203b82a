/**
 * How the parts of the data path meet. One request is an `Exchange` (exchange.ts): it has the client's
 * side of the request before it (`Client`: client/h1.ts, client/h2.ts), asks the routes what to do with
 * the request (routes/), a pool for an upstream (pool/), and an upstream's connections for the answer
 * (upstream/). Who watches is told at the end (observe/).
 *
 * Bytes: a chunk given to `write` may be overwritten when the next one is read. A receiver that returns
 * true has taken it whole; one that returns false may still read from it, and the sender neither reads nor
 * overwrites until it is told to go on (`onDrain`). What `respond` is given it takes in any case, and false
 * only says that no more should come before `onDrain`. Chunks of `onBody` are the receiver's to keep.
 */
import type {
  FrontSettings,
  KeySource,
  PoolSettings,
  RouteSettings,
  UpstreamAddress,
  UpstreamReport,
} from '../protocol/balance.ts';
import type { Member } from './eligible.ts';
import type { RawHeaders } from './headers/raw-headers.ts';

/** The connection that a request came over. */
export interface ClientConnection {
  /** The peer's address, or what a trusted PROXY header says; undefined for a unix socket. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Of our own end. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** The peer is in `trust`: its X-Forwarded-* and Forwarded count. */
  readonly trusted: boolean;
  readonly secure: boolean;
  /** `1.1`, `1.0` or `2`. */
  readonly protocol: string;
  /** Its address in `listen`; absent where no route asks for it. */
  readonly listener?: string;
}

export interface RequestHead {
  readonly method: string;
  /** As it came. */
  readonly target: string;
  /** `1.0`, `1.1` or `2`; what upstreams are sent is 1.1. */
  readonly version: string;
  /** As they came; from HTTP/2 without pseudo header fields and with `host`. */
  readonly raw: RawHeaders;
  /** Bytes of the body: a number, -1: chunked or unknown, 0: none. */
  readonly bodyLength: number;
  /** A body follows, though it may be empty. */
  readonly hasBody: boolean;
  /** Asks for a WebSocket (framing.ts has let it through). */
  readonly upgrade: boolean;
  /** Milliseconds (monotonic) at the first byte of the head, and at its end. */
  readonly beganAt: number;
  readonly arrivedAt: number;
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /**
   * `Name: value\r\n` for each field in latin1, in order, ready to be sent: end to end fields and what the
   * balancer adds, with Content-Length when the length is known, without Connection and Transfer-Encoding.
   */
  readonly lines: string;
  /** -1: unknown, so chunked or to the end of the connection. Of HEAD and 304 it is what their field says. */
  readonly bodyLength: number;
  /** False for HEAD, 204, 304: nothing follows whatever `bodyLength` says. */
  readonly hasBody: boolean;
}

/** The client's side of one request. Each call is safe when the client has gone: it does nothing. */
export interface Client {
  readonly connection: ClientConnection;
  /** 100, 102, 103. Not sent to HTTP/1.0. */
  inform(status: number, lines: string): void;
  /**
   * The final head, with the body's first bytes (a text is latin1), and whether that was all: one write.
   * With `end`, true says that all has been handed over; else `onSent` will.
   */
  respond(head: ResponseHead, body: Uint8Array | string | null, end: boolean): boolean;
  write(chunk: Uint8Array): boolean;
  end(trailers: RawHeaders | null): void;
  /** The answer has begun and cannot be completed: it ends so that nobody takes it for complete. */
  break(): void;
  /** The request's body. */
  pauseBody(): void;
  resumeBody(): void;
  /** What of the body comes still is thrown away; the connection does not outlive the answer. */
  discardBody(): void;
  /** Sends the 101 and gives the raw connection with what the client sent behind its head. */
  switchProtocols(
    head: ResponseHead,
  ): { readonly socket: import('node:net').Socket; readonly head: Uint8Array } | null;
}

/** What the client's side tells the exchange. */
export interface FromClient {
  /** False: paused until `resumeBody`. */
  onBody(chunk: Uint8Array): boolean;
  onBodyEnd(trailers: RawHeaders | null): void;
  onDrain(): void;
  /** The connection broke or the stream was reset before the answer was complete. `why` for the log. */
  onGone(why: 'closed' | 'reset' | 'header-timeout' | 'body-timeout' | 'write-timeout' | 'refused'): void;
  /** After `end`, or a `respond` with it that returned false: all has been handed over. */
  onSent(): void;
}

/** How a request ended, as HAProxy's logs say it in two letters: who ended it, and in which phase. */
export interface Termination {
  /** `C` client, `S` server, `P` proxy (refused), `R` resource (queue, connections), `c` client timeout,
   *  `s` server timeout, `-` normally. */
  readonly who: 'C' | 'S' | 'P' | 'R' | 'I' | 'D' | 'K' | 'c' | 's' | '-';
  /** `R` request, `Q` queue, `C` connecting, `H` response head, `D` data, `L` last data, `T` tunnel, `-`. */
  readonly phase: 'R' | 'Q' | 'C' | 'H' | 'D' | 'L' | 'T' | '-';
}

/** What is known of a request when it has ended; read by logs and metrics during the call only. */
export interface Outcome {
  readonly head: RequestHead;
  readonly connection: ClientConnection;
  /** Behind trusted proxies the client's own. */
  readonly clientAddress: string | undefined;
  readonly host: string;
  readonly requestId: string | undefined;
  readonly route: RouteSettings | undefined;
  readonly pool: string | undefined;
  readonly upstream: PoolMember | undefined;
  readonly tries: number;
  readonly status: number;
  /** Bytes of bodies, or through the tunnel. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds; -1: it did not come to that. */
  readonly queueMs: number;
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly reused: boolean;
  readonly termination: Termination;
}

export interface Observer {
  ended(outcome: Outcome): void;
}

/** One upstream with what the pool keeps of it; the same object for as long as it is a member. */
export interface PoolMember extends Member {
  readonly place: string;
  readonly slot: number | null;
  readonly address: UpstreamAddress;
  readonly requests: number;
  /** Counted up by who reads bytes from it, at every read: a worker that says something is not blocked. */
  heard: number;
  /** Requests over a connection that was there already; counted by who connects. */
  reused: number;
}

/** What a pool may ask about a request when it chooses. */
export interface Asking {
  readonly head: RequestHead;
  readonly connection: ClientConnection;
  readonly clientAddress: string | undefined;
  /** '' when there is none. */
  keyOf(source: KeySource): string;
}

/** Waiting in the queue, to be called at most once; never after `cancel`. */
export interface Waiter {
  readonly asking: Asking;
  readonly tried: readonly PoolMember[];
  onUpstream(upstream: PoolMember): void;
  onRefused(why: Refused): void;
}

/** Nobody for this request. `retryAfterS`: for the header of that name. */
export interface Refused {
  readonly status: 404 | 502 | 503 | 504;
  readonly why: 'no-upstream' | 'queue-full' | 'queue-timeout' | 'no-group' | 'look-up-failed';
  readonly retryAfterS: number | null;
}

export interface Pool {
  readonly name: string;
  readonly settings: PoolSettings;
  /**
   * An upstream that is counted in flight for this request from now on, a reason why there is none, or
   * undefined: the waiter is in the queue and will be called.
   */
  take(waiter: Waiter): PoolMember | Refused | undefined;
  /** The client has gone while it waited. */
  cancel(waiter: Waiter): void;
  /** Ends what `take` began, exactly once for each upstream taken. */
  release(upstream: PoolMember): void;
  /**
   * What came of a try: `ok`, an answer that counts as failure (502, 503, 504), or no (whole) answer.
   * Not called when the client was who ended it.
   */
  observe(
    upstream: PoolMember,
    result: 'ok' | 'error-status' | 'connect' | 'closed' | 'timeout',
    ms: number,
  ): void;
  /** May one more retry be made? Asked only when the rules say that it is safe. */
  spendRetry(): boolean;
  /** Lines for the response of this upstream (Set-Cookie of the sticky session); '' for none. `lines`:
   *  those of the response, for cookies of the app. */
  responseLines(asking: Asking, upstream: PoolMember, lines: string): string;
  /** The request's Cookie without the balancer's own; undefined: no Cookie is left. */
  cookieFor(cookie: string): string | undefined;
  /** Requests that wait. */
  readonly queued: number;
  /** What is known of each upstream that is a member now. */
  report(): UpstreamReport[];
  /** It is in no snapshot any more: nobody waits, nothing is checked. What is in flight ends as it would. */
  close(): void;
}

/** What is to be done with a request. */
export type Decision =
  | { readonly kind: 'pool'; readonly pool: Pool; readonly route: RouteSettings; readonly target: string }
  | {
      readonly kind: 'respond';
      readonly route: RouteSettings;
      readonly status: number;
      readonly lines: string;
      readonly body: string;
    }
  | { readonly kind: 'none' };

export interface Routes {
  /** `target` of the answer is in origin form, its prefix stripped and added. */
  decide(head: RequestHead, host: string, secure: boolean, listener?: string): Decision;
}

/**
 * What one request goes by. app.ts makes one for each snapshot; a request takes the newest when its head
 * has arrived, and keeps it to its end.
 */
export interface Rules {
  readonly front: FrontSettings;
  /** `front.trust`. */
  readonly trusted: import('node:net').BlockList;
  readonly routes: Routes;
  readonly observer: Observer;
  readonly rates: Rates;
  /** Both connections are the tunnel's from here on. */
  readonly joinTunnel: (client: TunnelEnd, upstream: TunnelEnd, settings: TunnelSettings) => void;
}

/** `front.limits.rate` and the `rateLimit` of routes. */
export interface Rates {
  /**
   * Counts the request. null: it goes on; a number: it gets 429 with this Retry-After, in seconds. A
   * promise (which never rejects) where the buckets are shared with other processes.
   */
  admit(route: RouteSettings, keyOf: (source: KeySource) => string): number | null | Promise<number | null>;
}

export interface TunnelEnd {
  readonly socket: import('node:net').Socket;
  /** What came behind the head of the request, or of the 101. */
  readonly head: Uint8Array;
  /**
   * For a socket that reads with `onread`: from now on its bytes go to `receiver`. When that returns
   * false, nothing is read until `socket.resume()`. Without it, the tunnel listens for 'data'.
   */
  readonly receive?: (receiver: (chunk: Uint8Array) => boolean) => void;
}

export interface TunnelSettings {
  /** `PoolSettings.tunnelTimeoutMs`. */
  readonly idleMs: number | null;
  /** Once, when both connections have ended. Bytes behind the heads, from the client and to it. */
  readonly onEnd: (why: TunnelEnded, bytesIn: number, bytesOut: number) => void;
}

export type TunnelEnded = 'closed' | 'client-broke' | 'upstream-broke' | 'idle' | 'drain';

/**
 * What a client's connection is given. `serveHttp1(socket, head, connection, front)` of client/h1.ts and
 * `serveHttp2(…)` of client/h2.ts take it; `head`: bytes that were read already.
 */
export interface Front {
  /** What a request whose head has just arrived goes by. */
  rules(): Rules;
  /** Each answer ends its connection from now on. */
  readonly draining: boolean;
  /** exchange.ts. Called when `head` has passed framing.ts. */
  begin(client: Client, head: RequestHead, rules: Rules): FromClient;
  /** Answers with an error page, and the observer is told. `detail`: for the client. */
  refuse(client: Client, head: RequestHead, rules: Rules, status: number, detail: string): void;
  /** Times this connection; `end` when it has closed. */
  watch(onLate: (what: Expected) => void): Watch;
}

/** What the client has to do next. */
export type Expected =
  /** Its first request, or the rest of a head: `headerTimeoutMs`. */
  | 'head'
  /** The next chunk of a body: `bodyTimeoutMs`, and `bodyBytesPerSecond` over its whole length. */
  | 'body'
  /** Another request: `keepAliveTimeoutMs`. */
  | 'next'
  /** To take what was written: `bodyTimeoutMs`. */
  | 'take'
  | 'nothing';

/** Cheap: a few fields are written; one timer for all connections looks at them four times a second. */
export interface Watch {
  expect(what: Expected): void;
  /** Bytes of the body that is expected came, or some of what was written were taken. */
  moved(bytes: number): void;
  end(): void;
}

/** What `serveHttp1` and `serveHttp2` return; the connection's socket says when it has closed. */
export interface OpenConnection {
  /** `front.draining` has become true: HTTP/2 sends GOAWAY; HTTP/1 has nothing to do but may look. */
  drain(): void;
  /** No request is being received or answered: it may be closed without harm. */
  readonly idle: boolean;
}
