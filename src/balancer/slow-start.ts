/**
 * Slow start: who came back after a failure, or joined a pool that serves, gets its weight step by step,
 * so that cold caches and unopened connections do not turn it away again. Not at the balancer's own
 * start, where all are equally cold.
 */
import type { Upstream } from './upstream.ts';

export interface Recovering extends Upstream {
  /** As configured. */
  readonly fullWeight: number;
  /** When it came back; -Infinity: before the balancer started, or never away. */
  readonly recoveredAt: number;
}

/** Less would be no traffic at all, and nobody warms up without. */
const LEAST_SHARE = 0.1;

const share = ({ recoveredAt }: Recovering, windowMs: number, now: number): number =>
  now - recoveredAt >= windowMs ? 1 : Math.max(LEAST_SHARE, (now - recoveredAt) / windowMs);

/**
 * Sets the weights of those that may serve now, from a tenth up to the whole in a straight line over
 * `windowMs`. When nobody is warm, nobody can spare the others: then all have their full weight. Returns
 * whether time alone changes weights again; if so, call it again soon.
 */
export const applySlowStart = (serving: readonly Recovering[], windowMs: number, now: number): boolean => {
  let warm = false;
  let cold = false;
  for (const one of serving) {
    if (!(one.fullWeight > 0)) continue;
    if (now - one.recoveredAt >= windowMs) warm = true;
    else cold = true;
  }
  for (const one of serving) one.weight = one.fullWeight * (warm ? share(one, windowMs, now) : 1);
  return cold;
};
