/**
 * Who has the fewest requests in flight for their weight; of equals, the next by weighted round-robin
 * among these only. O(n). The best choice when requests differ much in what they cost.
 *
 * Who is new has nothing in flight and would get everything at first: slow start keeps that small.
 */
import type { Upstream } from '../upstream.ts';
import type { Policy } from './policy.ts';

/** Cross-multiplied: exact with whole weights, where a quotient would be rounded. */
const pick = <U extends Upstream>(candidates: readonly U[]): U | undefined => {
  let least: U | undefined;
  let tied = false;
  for (const one of candidates) {
    if (!(one.weight > 0)) continue;
    const difference = least === undefined ? -1 : one.inFlight * least.weight - least.inFlight * one.weight;
    if (difference < 0) {
      least = one;
      tied = false;
    } else if (difference === 0) {
      tied = true;
    }
  }
  return least === undefined || !tied ? least : nextOfTied(candidates, least);
};

/** `pickByTurn` over those as loaded as `least`, without a list of them. */
const nextOfTied = <U extends Upstream>(candidates: readonly U[], least: U): U => {
  const { inFlight, weight } = least;
  let best = least;
  let total = 0;
  for (const one of candidates) {
    if (!(one.weight > 0) || one.inFlight * weight !== inFlight * one.weight) continue;
    one.credit += one.weight;
    total += one.weight;
    if (one.credit > best.credit) best = one;
  }
  best.credit -= total;
  return best;
};

export const leastConnections: Policy = { pick };
