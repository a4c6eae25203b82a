/** When a job is due: at times that are the same for every worker, whenever it was started. */

export interface Ticks {
  /** The first one after `at`; null: there is none. All in milliseconds since 1970. */
  after(at: number): number | null;
  /** The last one that is not after `at`; null: there was none. */
  latest(at: number): number | null;
}

/** Whole multiples of the interval since 1970: with one of 15 min, at :00, :15, :30 and :45. */
export const intervalTicks = (everyMs: number): Ticks => ({
  after: (at) => (Math.floor(at / everyMs) + 1) * everyMs,
  latest: (at) => Math.floor(at / everyMs) * everyMs,
});
