/**
 * Smooth weighted round-robin, as nginx has it: everybody gains their weight, the richest serves and
 * pays for all. 5, 1, 1 is `a a b a c a a` and not `a a a a a b c`. O(n). Who is new starts at 0, as if
 * they had been there: no burst.
 */
import type { Upstream } from '../upstream.ts';
import type { Policy } from './policy.ts';

/**
 * Weights that shrank leave credits behind which were earned with the old ones: unbounded, they would
 * be a burst, or a long silence. Constant weights never come near.
 */
const BOUND = 4;

const bounded = (candidates: readonly Upstream[], most: number): void => {
  for (const one of candidates) one.credit = Math.max(-most, Math.min(most, one.credit));
};

export const pickByTurn = <U extends Upstream>(candidates: readonly U[]): U | undefined => {
  let best: U | undefined;
  let total = 0;
  let most = 0;
  for (const one of candidates) {
    if (!(one.weight > 0)) continue;
    one.credit += one.weight;
    total += one.weight;
    most = Math.max(most, Math.abs(one.credit));
    if (best === undefined || one.credit > best.credit) best = one;
  }
  if (best !== undefined) best.credit -= total;
  if (most > BOUND * total) bounded(candidates, BOUND * total);
  return best;
};

export const roundRobin: Policy = { pick: pickByTurn };
