/** Skein's own accounting: sums over workers that come and go, and the report of a stretch of time. */
import type { Report } from '../protocol/control.ts';
import type { WorkerStats } from '../protocol/worker.ts';

export interface Totals {
  readonly answered: number;
  readonly reset: number;
  readonly truncated: number;
}

export const NOTHING: Totals = { answered: 0, reset: 0, truncated: 0 };

export const NO_STATS: WorkerStats = {
  connections: 0,
  inFlight: 0,
  answered: 0,
  reset: 0,
  truncated: 0,
  utilisation: 0,
};

export const add = (a: Totals, b: Totals): Totals => ({
  answered: a.answered + b.answered,
  reset: a.reset + b.reset,
  truncated: a.truncated + b.truncated,
});

/**
 * What a worker adds when it is gone. What was in flight in one that died without a drain is lost;
 * as of its last report, which is at most a quarter of a second old.
 */
export const finalTotals = (stats: WorkerStats): Totals => add(stats, { ...NOTHING, reset: stats.inFlight });

export const reportBetween = (
  before: Totals,
  after: Totals,
  refused: number,
  fullCapacityMs: number | null,
): Report => ({
  answered: after.answered - before.answered,
  refused,
  reset: after.reset - before.reset,
  truncated: after.truncated - before.truncated,
  fullCapacityMs,
});
