/**
 * At most `limit` in any stretch of time `per`, by the counts of two fixed windows: the current one,
 * and of the one before the share that still overlaps. That takes the calls of the window before as
 * spread evenly; it costs two numbers per key, however high the limit is, and both reads are atomic.
 *
 *      window before    current window
 *   |----------------|-----·-----------|
 *          ^ still counted ^ now
 */
import { countOption, type Duration } from '../core/options.ts';
import type { State } from './contract.ts';
import { toMs } from './limits.ts';
import type { RateLimiter, Verdict } from './rate-limit.ts';

export interface SlidingWindowOptions {
  readonly limit: number;
  readonly per: Duration;
}

export interface WindowCounts {
  readonly before: number;
  /** With what is asked for now. */
  readonly current: number;
  /** Of the current window, 0 to 1. */
  readonly elapsed: number;
}

/** The decision, without the counting. `retryAfterMs` holds if nobody else takes anything. */
export const judgeWindow = (
  { before, current, elapsed }: WindowCounts,
  cost: number,
  limit: number,
  perMs: number,
): Verdict => {
  const used = before * (1 - elapsed) + current;
  if (used <= limit) return { allowed: true, limit, remaining: Math.floor(limit - used), retryAfterMs: 0 };
  const remaining = Math.max(0, Math.floor(limit - (used - cost)));
  // Within this window the share of the one before shrinks; in the next one this one is the one before.
  const wait =
    current <= limit
      ? 1 - (limit - current) / before - elapsed
      : 1 - elapsed + Math.max(0, 1 - (limit - cost) / Math.max(current - cost, 1));
  return { allowed: false, limit, remaining, retryAfterMs: Math.max(1, Math.ceil(wait * perMs)) };
};

/** Windows begin by the clock of each machine: these should agree to a small part of `per`. */
export const slidingWindow = (state: State, name: string, options: SlidingWindowOptions): RateLimiter => {
  const limit = countOption('limit', options.limit, 1);
  const perMs = toMs('per', options.per);
  const entries = state.namespace('rate').namespace(name);
  return {
    async take(key, cost = 1) {
      countOption('cost', cost, 1);
      const at = Date.now() / perMs;
      const index = Math.floor(at);
      const [current, before = 0] = await Promise.all([
        entries.increment(`${key}:${index}`, cost, { ttl: 2 * perMs }),
        entries.get<number>(`${key}:${index - 1}`),
      ]);
      const verdict = judgeWindow({ before, current, elapsed: at - index }, cost, limit, perMs);
      if (!verdict.allowed) await entries.increment(`${key}:${index}`, -cost, { ttl: 2 * perMs });
      return verdict;
    },
  };
};
