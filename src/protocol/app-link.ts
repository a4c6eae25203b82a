/**
 * What the preload of a worker offers to the modules of Skein that the app imports: one object under
 * `globalThis[APP_LINK]`, in the main thread of a worker. Without it an app runs alone.
 *
 * The two sides may come from different installations (a global `skein` runs the worker, the app
 * imports its own), so what stands here only grows; `version` says from which on a member exists.
 *
 * The worker's end: src/worker/app-link.ts.
 */
import type { Socket } from 'node:net';
import type { WorkerPhase } from './worker.ts';
import type { BalancerSnapshot, FromBalancer } from './balance.ts';
import type { HookTime } from '../core/shutdown-hooks.ts';

export const APP_LINK: unique symbol = Symbol.for('skein.app-link');

/** What it throws or rejects with is logged; it is awaited. */
export type ShutdownHook = () => unknown;

/**
 * `draining`: when the worker has stopped accepting and its connections begin to end; WebSockets get
 * their close frame after it. `drained`: when no connection is left and the process is about to end.
 */
export type ShutdownTime = HookTime;

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why not. */
  readonly reason?: string;
  /** How long the check took; 0: it has not answered yet. */
  readonly ms: number;
}

/** What the app's health checks came to. */
export interface HealthReport {
  /** `unhealthy`: at least one fails. `unknown`: none fails, and one has not answered yet. */
  readonly status: 'healthy' | 'unhealthy' | 'unknown';
  readonly checks: readonly CheckResult[];
}

/** Threads that compute on behalf of a worker; see src/supervisor/thread-lender.ts. */
export interface ThreadNeed {
  /** Threads that run a task now. Exact while they are more than are lent. */
  readonly inUse: number;
  /** Threads that could be used now: tasks that run and tasks that wait. */
  readonly demand: number;
}

export interface ThreadLink {
  /** Threads of the machine, for all workers together; undefined: nobody lends them (since version 2). */
  readonly total?: number | undefined;
  /** How many of them this worker may use now. */
  readonly lent: () => number;
  /** Told whenever the supervisor speaks of it, also when the number stays. Returns what ends it. */
  readonly onLent: (listener: (threads: number) => void) => () => void;
  /** Says it to the supervisor, and to each that comes after it. */
  readonly need: (need: ThreadNeed) => void;
}

/** What a balancer is told and says; only in workers of one. */
export interface BalancerLink {
  /** Told the newest snapshot there is, at once when there is one already. */
  readonly onSnapshot: (listener: (snapshot: BalancerSnapshot) => void) => void;
  readonly say: (said: FromBalancer) => void;
  /** The app stops for good: nobody would answer the next request on an idle connection. */
  readonly onEndIdle: (listener: () => void) => void;
}

export interface AppLink {
  readonly version: number;
  readonly app: string;
  readonly slot: number;
  readonly generation: number;
  /** Unique for every worker ever started. */
  readonly id: string;
  /** How many workers the app is to have now. */
  readonly count: () => number;
  /** As `process.send('ready')`. */
  readonly ready: () => void;
  readonly phase: () => WorkerPhase;
  /** Told each new phase. Returns what ends it. */
  readonly onPhase: (listener: (phase: WorkerPhase) => void) => () => void;
  /** Hooks of one time run one after the other, the last added first. Returns what takes the hook off. */
  readonly onShutdown: (hook: ShutdownHook, when?: ShutdownTime) => () => void;
  readonly reportHealth: (report: HealthReport) => void;
  readonly threads: ThreadLink;
  /** A new connection to the state server of this home, also where the worker's user may not open it. */
  readonly connectState: () => Promise<Socket>;
  /** Since version 3. */
  readonly balancer?: BalancerLink;
}

/** Undefined where Skein does not run this process, and in the threads of one that it does run. */
export const appLink = (): AppLink | undefined => (globalThis as { [APP_LINK]?: AppLink })[APP_LINK];
