/** The worker's end of what the app imports from Skein. The app's end: `appLink()` in src/protocol/app-link.ts. */
import { createOrderlyEnd } from '../core/orderly-end.ts';
import type { AppLink, BalancerLink, HealthReport, ThreadLink } from '../protocol/app-link.ts';
import { APP_LINK } from '../protocol/app-link.ts';
import type { BalancerSnapshot } from '../protocol/balance.ts';
import type { Boot, HooksState, WorkerPhase } from '../protocol/worker.ts';

/** Listeners that are told a value; what one throws is its own affair. */
const createSignal = <T>() => {
  const listeners = new Set<(value: T) => void>();
  return {
    on: (listener: (value: T) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (value: T): void => {
      for (const listener of listeners) queueMicrotask(() => listener(value));
    },
  };
};

export interface AppLinkContext {
  readonly boot: Boot;
  readonly phase: () => WorkerPhase;
  readonly ready: () => void;
  readonly health: (report: HealthReport) => void;
  readonly threads: ThreadLink;
  readonly hooks: (state: HooksState) => void;
  readonly connectState: AppLink['connectState'];
  readonly sayOfBalancer: BalancerLink['say'];
}

export interface AppLinkEnd {
  readonly count: number;
  readonly hooks: HooksState;
  /** What the app's health checks came to last. */
  readonly health: HealthReport | null;
  /** Tells the app if it is another phase than before. */
  phaseMayHaveChanged(): void;
  /** What the supervisor says of the number of workers. */
  counted(count: number): void;
  /** What the supervisor tells a balancer. */
  balance(snapshot: BalancerSnapshot): void;
  /** A balancer has to end connections without a request. */
  endIdle(): void;
  /** Runs the hooks for the beginning of a drain; null: there are none. */
  beginToLeave(): Promise<void> | null;
  /** The app leaves by itself: runs its hooks within the kill limit, which nobody outside keeps. */
  leave(end: () => void): void;
  /** Runs all hooks, then does what ends the app. */
  shutDown(end: () => void): void;
}

export const installAppLink = (context: AppLinkContext): AppLinkEnd => {
  const { boot } = context;
  const phases = createSignal<WorkerPhase>();
  let phase = context.phase();
  let { count } = boot;
  let health: HealthReport | null = null;
  let hooks: HooksState = 'none';
  let snapshot: BalancerSnapshot | null = null;
  const snapshots = createSignal<BalancerSnapshot>();
  const endsOfIdle = createSignal<void>();

  const hooksAre = (state: HooksState): void => {
    hooks = state;
    context.hooks(state);
  };
  const end = createOrderlyEnd({
    limitMs: boot.killTimeoutMs,
    // The supervisor has its own limit, and SIGKILL.
    secondSignalEnds: false,
    began: () => hooksAre('some'),
  });

  const link: AppLink = {
    version: 3,
    app: boot.app,
    slot: boot.slot,
    generation: boot.generation,
    id: boot.id,
    count: () => count,
    ready: context.ready,
    phase: context.phase,
    onPhase: phases.on,
    onShutdown: (hook, when = 'drained') => end.add(hook, when),
    reportHealth: (report) => {
      health = report;
      context.health(report);
    },
    threads: context.threads,
    connectState: context.connectState,
    balancer: {
      onSnapshot(listener) {
        snapshots.on(listener);
        if (snapshot !== null) listener(snapshot);
      },
      say: context.sayOfBalancer,
      onEndIdle: endsOfIdle.on,
    },
  };
  (globalThis as Record<symbol, unknown>)[APP_LINK] = link;

  return {
    get count() {
      return count;
    },
    get hooks() {
      return hooks;
    },
    get health() {
      return health;
    },
    phaseMayHaveChanged() {
      const now = context.phase();
      if (now === phase) return;
      phase = now;
      phases.tell(now);
    },
    counted(next) {
      count = next;
    },
    balance(next) {
      snapshot = next;
      snapshots.tell(next);
    },
    endIdle: () => endsOfIdle.tell(),
    beginToLeave: () => (end.used ? end.run('draining') : null),
    leave: (then) => (end.used ? void end.run('drained', boot.killTimeoutMs).finally(then) : then()),
    shutDown(then) {
      if (!end.used) return then();
      hooksAre('running');
      void end.finish().then(() => {
        hooksAre('done');
        then();
      });
    },
  };
};
