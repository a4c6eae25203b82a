/**
 * The budget of a worker: threads of the machine that the supervisor lends to it while it has tasks
 * for them (src/supervisor/thread-lender.ts).
 *
 * It asks when a task finds no thread, and says that it needs fewer when that has been so for a
 * while: tasks that follow each other closely keep their thread.
 */
import type { ThreadLink, ThreadNeed } from '../protocol/app-link.ts';
import { createWatchedBudget, type ThreadBudget } from './thread-budget.ts';

/** How often is looked at what was needed meanwhile. */
export const LOOK_MS = 50;

/** Who waits asks again after this long: what it said may have been lost. */
export const ASK_AGAIN_MS = 1_000;

/**
 * Who waits and has heard nothing for so long takes one thread all the same. No supervisor has been
 * there for much longer than it takes to start one, or it is of a version that lends nothing.
 */
export const UNHEARD_MS = 10_000;

export interface Clock {
  readonly now: () => number;
  /** Calls back again and again. Returns what ends it. */
  readonly every: (ms: number, look: () => void) => () => void;
}

const clockOfProcess: Clock = {
  now: () => performance.now(),
  every: (ms, look) => {
    const timer = setInterval(look, ms).unref();
    return () => clearInterval(timer);
  },
};

/** `total`: the threads of the machine. */
export const borrowThreads = (
  link: ThreadLink,
  total: number,
  clock: Clock = clockOfProcess,
): ThreadBudget => {
  let said: ThreadNeed = { inUse: 0, demand: 0 };
  let saidAt = 0;
  /** When the lender was last heard, or a task began to wait. */
  let quietSince = 0;
  /** One thread was taken without being lent. */
  let alone = false;
  let stopLooking: (() => void) | undefined;

  const say = (demand: number): void => {
    said = { inUse: Math.max(budget.inUse, alone ? 1 : 0), demand: Math.min(demand, total) };
    saidAt = clock.now();
    link.need(said);
    if (stopLooking !== undefined) return;
    quietSince = saidAt;
    stopLooking = clock.every(LOOK_MS, look);
  };

  const changed = (): void => {
    // It counts on every thread that comes back of those that are no longer lent.
    const returned = said.inUse > link.lent() && budget.inUse < said.inUse && !alone;
    const demand = Math.max(said.demand, budget.demand());
    if (returned || Math.min(demand, total) > said.demand) say(demand);
  };

  const look = (): void => {
    const now = clock.now();
    const peak = Math.min(budget.peak(), total);
    const waits = budget.demand() > budget.inUse && budget.inUse === 0;
    if (!waits) quietSince = now;
    if (waits && !alone && now - quietSince >= UNHEARD_MS) {
      alone = true;
      // Said first: with the thread it is one more.
      say(said.demand);
      budget.resize(1);
    } else if (peak < said.demand) say(peak);
    else if (said.demand > link.lent() && now - saidAt >= ASK_AGAIN_MS) say(peak);
    if (said.demand > 0 || link.lent() > 0 || budget.inUse > 0 || alone) return;
    stopLooking?.();
    stopLooking = undefined;
  };

  const budget = createWatchedBudget(link.lent(), { most: total, onChange: changed });
  link.onLent((lent) => {
    quietSince = clock.now();
    alone = false;
    budget.resize(lent);
    // What is said goes out with the answer to this; it has to be exact where more run than are lent.
    if (said.inUse !== budget.inUse && Math.max(said.inUse, budget.inUse) > lent)
      say(Math.max(said.demand, budget.demand()));
  });
  return budget;
};
