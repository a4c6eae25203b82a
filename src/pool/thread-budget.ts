/** How many threads of this process may compute at the same time, over all its pools. */
import { countOption } from '../core/options.ts';
import { machineThreads } from '../os/machine-threads.ts';

/** A pool that has tasks and no thread for them. */
export interface WaitingPool {
  /** Threads that it could use for tasks that wait. */
  readonly waiting: number;
  /** A thread may be free: take it. */
  readonly wake: () => void;
}

/** What pools use. */
export interface ThreadBudget {
  /** Threads that may run a task now; 0 is possible while others have them all. */
  readonly threads: number;
  /** How many it can become at best by itself: the threads of the machine where they are lent. */
  readonly most: number;
  readonly inUse: number;
  /** Takes one thread; false when none is free. Who takes gives back, once. */
  readonly take: () => boolean;
  readonly give: () => void;
  /** Wakes the pool once, when a thread is free; pools that wait take turns. */
  readonly wait: (pool: WaitingPool) => void;
  readonly forget: (pool: WaitingPool) => void;
}

export interface AdjustableThreadBudget extends ThreadBudget {
  /** Takes effect at once for tasks that begin; those that run are finished. Throws E_BAD_VALUE. */
  readonly resize: (threads: number) => void;
  /** Threads that could be used now: tasks that run and tasks that wait. */
  readonly demand: () => number;
}

/** What a borrower of threads uses. */
export interface WatchedThreadBudget extends AdjustableThreadBudget {
  /** The most threads that could be used at once since this was asked last. */
  readonly peak: () => number;
}

export interface BudgetOptions {
  /** See `ThreadBudget`. Default: follows `resize`. */
  readonly most?: number;
  /** A pool began to wait, or a thread came back of which there were more than there should be. */
  readonly onChange?: () => void;
}

export const createWatchedBudget = (
  threads: number,
  { most, onChange }: BudgetOptions = {},
): WatchedThreadBudget => {
  let total = countOption('threads', threads, 0);
  let inUse = 0;
  let peak = 0;
  const pools = new Set<WaitingPool>();
  const demand = (): number => {
    let sum = inUse;
    for (const { waiting } of pools) sum += waiting;
    return sum;
  };
  const wakeNext = (): void => {
    // A pool that has still more tasks than threads comes back to the end of the line.
    let left = pools.size;
    for (const pool of pools) {
      if (inUse >= total || left === 0) return;
      left -= 1;
      pools.delete(pool);
      pool.wake();
    }
  };
  return {
    get threads() {
      return total;
    },
    get most() {
      return most ?? total;
    },
    get inUse() {
      return inUse;
    },
    take: () => {
      if (inUse >= total) return false;
      inUse += 1;
      if (inUse > peak) peak = inUse;
      return true;
    },
    give: () => {
      const tooMany = inUse > total;
      inUse -= 1;
      if (pools.size > 0) wakeNext();
      if (tooMany) onChange?.();
    },
    wait: (pool) => {
      pools.add(pool);
      if (onChange === undefined) return;
      peak = Math.max(peak, demand());
      onChange();
    },
    forget: (pool) => void pools.delete(pool),
    resize: (next) => {
      total = countOption('threads', next, 0);
      wakeNext();
    },
    demand,
    peak: () => {
      const seen = peak;
      peak = demand();
      return Math.max(seen, peak);
    },
  };
};

/**
 * A budget of one's own, beside that of the process and of the machine: for tasks that wait more than
 * they compute. `threads`: at the beginning. Default: the CPUs that this process may use, or
 * SKEIN_THREADS. Throws E_BAD_VALUE.
 */
export const createThreadBudget = (
  threads: number = machineThreads(process.env).threads,
): AdjustableThreadBudget => createWatchedBudget(threads);
