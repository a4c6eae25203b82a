/**
 * Who is expected to answer first: time to the first byte × (in flight + 1) / weight. The time is a peak
 * EWMA: a slower answer counts at once and whole, faster ones win back trust over `tauMs`. O(n). The
 * best choice when upstreams differ in speed, or one of them stumbles now and then.
 *
 * - Who is new is taken for as fast as the median: at 0 it would get everything, at Infinity nothing.
 * - As long as nothing is known of anybody, all are equally fast: least-connections.
 * - A failure is fast and must not attract: it counts as twice as slow as what is usual.
 * - Who is not asked is slowly forgiven, and so is tried again. Once it is, the old time holds until it
 *   answers: otherwise a whole crowd would go to the slow one before its first answer.
 */
import type { Upstream } from '../upstream.ts';
import { leastConnections } from './least-connections.ts';
import type { Policy } from './policy.ts';

export interface LeastTimeOptions {
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** In this time two thirds of an old slowness are forgotten. Default: 10,000. */
  readonly tauMs?: number;
}

/** Failures make nobody look slower than this. */
const MOST_MS = 5_000;

/** What a failure counts as while nothing is known of anybody. */
const UNKNOWN_FAILURE_MS = 1_000;

const expectedMs = ({ timing }: Upstream, now: number, tauMs: number): number => {
  const quietMs = now - timing.quietSince;
  return quietMs > 0 ? timing.ewmaMs * Math.exp(-quietMs / tauMs) : timing.ewmaMs;
};

/** 0 when nobody is known. */
const medianMs = (candidates: readonly Upstream[], now: number, tauMs: number): number => {
  const known = candidates
    .filter(({ timing }) => timing.observedAt !== -Infinity)
    .map((one) => expectedMs(one, now, tauMs))
    .toSorted((a, b) => a - b);
  return known[known.length >> 1] ?? 0;
};

const fastest = <U extends Upstream>(candidates: readonly U[], now: number, tauMs: number): U | undefined => {
  let best: U | undefined;
  let least = Infinity;
  for (const one of candidates) {
    if (!(one.weight > 0)) continue;
    const cost = (expectedMs(one, now, tauMs) * (one.inFlight + 1)) / one.weight;
    if (best !== undefined && cost >= least) continue;
    best = one;
    least = cost;
  }
  return best;
};

export const leastTime = ({ now, tauMs = 10_000 }: LeastTimeOptions): Policy => {
  /** Guesses for all of whom nothing is known; false when nothing is known of anybody. */
  const seed = (candidates: readonly Upstream[], at: number): boolean => {
    const median = medianMs(candidates, at, tauMs);
    if (median === 0) return false;
    for (const { timing } of candidates) {
      if (timing.ewmaMs !== 0) continue;
      timing.ewmaMs = median;
      timing.quietSince = at;
    }
    return true;
  };

  /** About what an answer takes, from anybody; 0: there was none yet. */
  let usualMs = 0;

  const pick = <U extends Upstream>(candidates: readonly U[]): U | undefined => {
    const at = now();
    let known = true;
    for (const { timing } of candidates) if (timing.ewmaMs === 0) known = false;
    const best =
      known || seed(candidates, at) ? fastest(candidates, at, tauMs) : leastConnections.pick(candidates, '');
    if (best !== undefined) best.timing.quietSince = at + tauMs;
    return best;
  };

  const observe = ({ timing }: Upstream, answered: boolean, ms: number): void => {
    const at = now();
    if (answered) usualMs += (ms - usualMs) * (usualMs === 0 ? 1 : 0.05);
    const penaltyMs = Math.min(MOST_MS, 2 * Math.max(timing.ewmaMs, usualMs) || UNKNOWN_FAILURE_MS);
    const seenMs = answered ? ms : Math.max(ms, timing.ewmaMs, penaltyMs);
    // Never seen before: what was only guessed counts for nothing.
    const kept = Math.exp((timing.observedAt - at) / tauMs);
    const ewmaMs = seenMs >= timing.ewmaMs ? seenMs : seenMs + (timing.ewmaMs - seenMs) * kept;
    // 0 would mean that nothing is known.
    timing.ewmaMs = Math.max(0.01, ewmaMs);
    timing.observedAt = at;
    timing.quietSince = at;
  };

  return { pick, observe };
};
