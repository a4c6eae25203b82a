/** What a load run does, and what it says at the end. Both cross the process boundary as JSON. */

/** How a request is made. */
export type ClientKind =
  /** On a connection of a pool, with think time between requests. */
  | 'keep-alive'
  /** A connection of its own, `Connection: close`. */
  | 'one-shot'
  /** Two to four requests in one write. */
  | 'pipelined'
  /** The request trickles in. */
  | 'slow-write'
  /** A large response is read slowly. */
  | 'slow-read'
  /** A stream of an HTTP/2 session. */
  | 'http2';

export interface LoadProfile {
  readonly host: string;
  readonly port: number;
  /** Instead of host and port. */
  readonly path?: string;
  /** TLS, any certificate. */
  readonly tls: boolean;
  /** Requests a second, arriving as a Poisson process whatever the answers do (open loop). */
  readonly rate: number;
  /** Share of each kind. */
  readonly mix: Readonly<Partial<Record<ClientKind, number>>>;
  /** Share of requests (slow-read excepted) that POST 16 KB and want them back. */
  readonly postShare: number;
  /** Mean milliseconds a keep-alive connection rests between requests. */
  readonly thinkMs: number;
  readonly timeoutMs: number;
  /** The run ends by itself after this. */
  readonly maxMs: number;
  readonly seed: number;
}

export const defaultMix: LoadProfile['mix'] = {
  'keep-alive': 50,
  'one-shot': 30,
  pipelined: 12,
  'slow-write': 5,
  'slow-read': 3,
};

export const loadProfile = (profile: Partial<LoadProfile>): LoadProfile => ({
  host: '127.0.0.1',
  port: 0,
  tls: false,
  rate: 500,
  mix: defaultMix,
  postShare: 0.2,
  thinkMs: 40,
  timeoutMs: 10_000,
  maxMs: 60_000,
  seed: 1,
  ...profile,
});

export type Outcome =
  | 'ok'
  /** No connection: ECONNREFUSED, ENOENT. */
  | 'refused'
  /** The connection ended before the first byte of the response, also on a reused connection. */
  | 'reset'
  | 'timeout'
  /** The connection ended inside the response. */
  | 'truncated'
  /** A 5xx status. */
  | 'server-error'
  /** Whole, but not what was asked for. */
  | 'wrong';

/** A request that did not end `ok`, with what is needed to say whose fault it was. */
export interface Loss {
  readonly outcome: Exclude<Outcome, 'ok'>;
  readonly kind: ClientKind;
  readonly method: string;
  /** Milliseconds since the epoch: due by schedule, and over. */
  readonly dueAt: number;
  readonly endedAt: number;
  readonly localPort: number | null;
  /** Position among the requests of its connection. */
  readonly nth: number;
  /** The `x-worker` header of an earlier answer on the connection. */
  readonly worker: string | null;
  readonly detail: string;
}

export interface Tally {
  readonly sent: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly kinds: Readonly<Partial<Record<ClientKind, number>>>;
  /** The first hundred. */
  readonly losses: readonly Loss[];
  /** Milliseconds from the due time to the last byte, slow clients excepted. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Answers by `x-worker`. */
  readonly workers: Readonly<Record<string, number>>;
  /** HTTP/2 streams that the server refused unprocessed (RFC 9113, 8.7) and that were sent again. */
  readonly retried: number;
  readonly connections: number;
}

export const lost = (tally: Tally): number => tally.sent - tally.outcomes.ok;
