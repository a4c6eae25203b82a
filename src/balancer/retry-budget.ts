/**
 * How many retries there may be: a share of the requests of the last seconds, and always a few. Without
 * it retries multiply the load exactly when upstreams can bear none. Of a window, not of what is in
 * flight: when one of two workers dies, half of what is in flight needs its second try at once.
 */

export interface RetryBudgetOptions {
  /** Retries per request. Default: 0.2. */
  readonly share?: number;
  /** Retries per window that are allowed however few requests there are. Default: 3. */
  readonly atLeast?: number;
  /** Default: 10,000. */
  readonly windowMs?: number;
}

export interface RetryBudget {
  /** A request came; not one for each try. `now`: milliseconds that only go up. */
  readonly requested: (now: number) => void;
  /** Takes one retry out; false when there is none. */
  readonly take: (now: number) => boolean;
}

/** The window moves on in this many steps. */
const STEPS = 10;

export const retryBudget = (options: RetryBudgetOptions = {}): RetryBudget => {
  const { share = 0.2, atLeast = 3, windowMs = 10_000 } = options;
  const stepMs = windowMs / STEPS;
  const requests = new Float64Array(STEPS);
  const retries = new Float64Array(STEPS);
  let step = -1;

  /** Forgets what left the window; returns the place of the present step. */
  const moveTo = (now: number): number => {
    const present = Math.floor(now / stepMs);
    for (let passed = Math.max(step + 1, present - STEPS + 1); passed <= present; passed += 1) {
      requests[passed % STEPS] = 0;
      retries[passed % STEPS] = 0;
    }
    step = Math.max(step, present);
    return step % STEPS;
  };
  const sum = (counts: Float64Array): number => {
    let total = 0;
    for (const count of counts) total += count;
    return total;
  };

  return {
    requested: (now) => {
      const place = moveTo(now);
      requests[place] = (requests[place] ?? 0) + 1;
    },
    take: (now) => {
      const place = moveTo(now);
      if (sum(retries) + 1 > Math.max(atLeast, share * sum(requests))) return false;
      retries[place] = (retries[place] ?? 0) + 1;
      return true;
    },
  };
};
