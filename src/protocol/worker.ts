/**
 * What the preload inside a worker and the supervisor say to each other: one JSON object a line
 * over a unix socket that the worker connects to. When the supervisor dies the worker connects
 * again at once (the holder keeps the socket, so the connection waits for the next supervisor) and
 * says `hello` anew, which is all a new supervisor needs to carry on.
 *
 * Inside: src/worker/control.ts. The supervisor's view: src/supervisor/worker-handle.ts.
 */
import type { AcceptMode, ReadyCheck } from './app-spec.ts';
import type { HealthReport, ThreadNeed } from './app-link.ts';
import type { BalancerSnapshot, FromBalancer } from './balance.ts';

/** Environment variable with the `Boot` of a worker. The preload deletes it before the app runs. */
export const BOOT_VARIABLE = 'SKEIN_BOOT';

/** What the preload has to know before the app's first line. */
export interface Boot {
  readonly protocol: number;
  readonly id: string;
  readonly app: string;
  readonly slot: number;
  readonly generation: number;
  /** Path of the workers' control socket. */
  readonly socket: string;
  /** Path of the state server's socket. */
  readonly stateSocket: string;
  /** How many workers the app is to have. */
  readonly count: number;
  /** Threads of the machine that are lent to workers; undefined: this supervisor lends none. */
  readonly threads?: number;
  readonly accept: AcceptMode;
  /** Its http servers listen on sockets of this worker alone, and balancers bring their requests. */
  readonly balanced?: boolean;
  readonly ready: ReadyCheck;
  readonly drainTimeoutMs: number;
  readonly killTimeoutMs: number;
  readonly hangTimeoutMs: number | null;
}

/** A socket this worker accepts from: its own slot's or one lent to it. */
export interface Serving {
  readonly key: string;
  readonly slot: number;
}

/** An address the app listens on. */
export interface Listening {
  readonly key: string;
  /** As `server.address()` says it: `127.0.0.1:3000`, `[::]:3000` or a path. */
  readonly address: string;
  /** What the listener speaks, as far as the class of the server tells. */
  readonly kind: 'http' | 'https' | 'http2' | 'tls' | 'net' | 'udp';
  /** Where balancers reach this server, and where its event loop answers; absent: not balanced. */
  readonly behind?: { readonly path: string; readonly pulse: string };
}

/** Counters since the worker began; they only grow, except the gauges. */
export interface WorkerStats {
  /** Gauge: open connections on all servers. */
  readonly connections: number;
  /** Gauge: requests begun and not yet finished. */
  readonly inFlight: number;
  /** Requests whose response was handed to the kernel whole. */
  readonly answered: number;
  /** Requests that ended without a response byte: the connection closed first. */
  readonly reset: number;
  /** Responses that began and did not end. */
  readonly truncated: number;
  /** Gauge: event loop utilisation (0 to 1) since the previous report. */
  readonly utilisation: number;
}

/** The threads of a worker: what it was lent, and what it does with them. */
export interface ThreadUse extends ThreadNeed {
  /** Number of the newest loan that it knows of; 0: none yet. */
  readonly loan: number;
  readonly lent: number;
}

/** Where the worker stands in its own view; a new supervisor believes it. */
export type WorkerPhase = 'starting' | 'ready' | 'draining' | 'drained';

/** The app's shutdown hooks: `some` are registered; when it is told to end they are `running`, then `done`. */
export type HooksState = 'none' | 'some' | 'running' | 'done';

export type FromWorker =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly id: string;
      readonly pid: number;
      readonly node: string;
      readonly phase: WorkerPhase;
      readonly listening: readonly Listening[];
      readonly serving: readonly Serving[];
      readonly stats: WorkerStats;
      /** Absent: its preload knows of no loans. */
      readonly threads?: ThreadUse;
      /** The app said that it is ready. Not said by workers of earlier versions, as all below. */
      readonly declaredReady?: boolean;
      /** How many workers there are to be, as far as it knows. */
      readonly count?: number;
      readonly hooks?: HooksState;
      /** null: the app has no health checks. */
      readonly health?: HealthReport | null;
    }
  /** The app listens on one more address (accepting or, behind a closed gate, not yet). */
  | { readonly type: 'listening'; readonly listening: Listening }
  /** The app closed a server itself, or a drain did. */
  | { readonly type: 'closed'; readonly key: string }
  /** The sockets this worker accepts from have changed; the whole list. */
  | { readonly type: 'serving'; readonly serving: readonly Serving[] }
  /** The app said `process.send('ready')`. */
  | { readonly type: 'ready' }
  /** `status` of a probe, or why there is none. */
  | { readonly type: 'probed'; readonly status: number | null; readonly reason?: string }
  /** The event loop turns. Every 50 ms while beats are asked for. */
  | { readonly type: 'beat' }
  | { readonly type: 'stats'; readonly stats: WorkerStats }
  /** No connection is left, or the drain limit has been reached and the rest were closed. */
  | { readonly type: 'drained'; readonly stats: WorkerStats; readonly reason: 'empty' | 'limit' }
  /** The stack in which the event loop has been blocked, taken from a side thread, which says it
   *  over a connection of its own and therefore without a hello. */
  | { readonly type: 'hang'; readonly id: string; readonly blockedMs: number; readonly stack: string }
  /** It needs more threads or fewer, or has heard of a loan. */
  | ({ readonly type: 'threads' } & ThreadUse)
  | { readonly type: 'hooks'; readonly hooks: HooksState }
  /** What the app's health checks came to is another than before. */
  | { readonly type: 'health'; readonly health: HealthReport }
  /** It is a balancer, and says so much. */
  | { readonly type: 'balancer'; readonly said: FromBalancer }
  /** Anything else the app gave to `process.send`. */
  | { readonly type: 'message'; readonly message: unknown };

export type ToWorker =
  /** The worker is ready: begin to accept, if it does not yet. */
  | { readonly type: 'open' }
  /** GET this path on the first HTTP server of this worker, in memory. */
  | { readonly type: 'probe'; readonly path: string; readonly timeoutMs: number }
  /** Send `beat` (true) or stop (false). */
  | { readonly type: 'beat'; readonly on: boolean }
  /** Settings that changed while it ran. */
  | { readonly type: 'limits'; readonly drainTimeoutMs: number }
  /** How many threads may run its tasks from now on. Those that run more now finish their tasks. Loans
   *  of a worker are numbered upwards; the same number again is only a sign of life. */
  | { readonly type: 'threads'; readonly loan: number; readonly lent: number }
  /** End: the app's shutdown hooks run, then this signal is raised. Without one the app is told by
   *  a message, as `stopSignal: 'message'` wants it. */
  | { readonly type: 'shutdown'; readonly signal?: string }
  /** It is a balancer, and goes by this from now on. */
  | { readonly type: 'balance'; readonly snapshot: BalancerSnapshot }
  /** How many workers the app is to have from now on. */
  | { readonly type: 'count'; readonly count: number }
  /** Accept no more on this socket and close the lent copy. */
  | { readonly type: 'return'; readonly key: string; readonly slot: number }
  /** Stop accepting, end what is open without losing a request, then say `drained`. */
  | {
      readonly type: 'drain';
      readonly limitMs: number;
      /** The app is being stopped for good: connections without a request are closed at once
       *  instead of being left until their next request. */
      readonly closeIdle?: boolean;
      /** Balancers send nothing new: what is without a request on the sockets of this worker alone is
       *  closed at once. */
      readonly letGo?: boolean;
    };

/** The gate is closed at boot when readiness is more than listening: a worker that is not ready
 *  must not take a connection. A health check closes it too, if the app registers one in time. */
export const gateClosedAtBoot = (ready: ReadyCheck): boolean =>
  ready.kind === 'message' || ready.kind === 'http';
