/** Exponential backoff with jitter. */

export interface Backoff {
  /** The first pause, in milliseconds. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * The pause before try `attempt` (0-based): doubles from `baseMs` up to `maxMs`, then is spread
 * over its upper half, so that many who failed together do not come back together.
 * `random` gives a number in [0, 1).
 */
export const backoffMs = ({ baseMs, maxMs }: Backoff, attempt: number, random: () => number): number => {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(full / 2 + (full / 2) * random());
};
