/** How many threads of this process may compute at the same time, over all its pools. */
import { countOption } from '../core/options.ts';
import { availableCpus } from '../os/cpus.ts';

/** A pool that has tasks and no thread for them. */
export interface WaitingPool {
  /** Tasks that wait. */
  readonly waiting: number;
  /** A thread may be free: take it. */
  readonly wake: () => void;
}

/** What pools use. */
export interface ThreadBudget {
  /** Threads that may run a task now; 0 is possible while others have them all. */
  readonly threads: number;
  readonly inUse: number;
  /** Takes one thread; false when none is free. Who takes gives back, once. */
  readonly take: () => boolean;
  readonly give: () => void;
  /** Wakes the pool once, when a thread is free; pools that wait take turns. */
  readonly wait: (pool: WaitingPool) => void;
  readonly forget: (pool: WaitingPool) => void;
}

/** What a lender of threads uses. */
export interface AdjustableThreadBudget extends ThreadBudget {
  /** Takes effect at once for tasks that begin; those that run are finished. Throws E_BAD_VALUE. */
  readonly resize: (threads: number) => void;
  /** Threads that could be used now: tasks that run and tasks that wait. */
  readonly demand: () => number;
  /** Called when a pool begins to wait, and when a thread came back. Returns what ends it. */
  readonly onDemand: (listener: () => void) => () => void;
}

/** `threads`: at the beginning. Default: the CPUs that this process may use, see `os/cpus.ts`. */
export const createThreadBudget = (threads: number = availableCpus()): AdjustableThreadBudget => {
  let total = countOption('threads', threads, 0);
  let inUse = 0;
  const pools = new Set<WaitingPool>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const wakeNext = (): void => {
    // A pool that has still more tasks than threads comes back to the end of the line.
    for (const pool of [...pools]) {
      if (inUse >= total) return;
      pools.delete(pool);
      pool.wake();
    }
  };
  return {
    get threads() {
      return total;
    },
    get inUse() {
      return inUse;
    },
    take: () => {
      if (inUse >= total) return false;
      inUse += 1;
      return true;
    },
    give: () => {
      inUse -= 1;
      if (pools.size > 0) wakeNext();
      if (listeners.size > 0) tell();
    },
    wait: (pool) => {
      pools.add(pool);
      if (listeners.size > 0) tell();
    },
    forget: (pool) => void pools.delete(pool),
    resize: (next) => {
      total = countOption('threads', next, 0);
      wakeNext();
    },
    demand: () => [...pools].reduce((sum, { waiting }) => sum + waiting, inUse),
    onDemand: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

let shared: AdjustableThreadBudget | undefined;

/** The budget of this process, which all pools share unless they are given another. */
export const processThreadBudget = (): AdjustableThreadBudget => (shared ??= createThreadBudget());
