/** Any, as often as its weight says. O(n). Needs no state, so many balancers do not march in step. */
import type { Upstream } from '../upstream.ts';
import type { Policy } from './policy.ts';

export const totalWeight = (candidates: readonly Upstream[]): number => {
  let total = 0;
  for (const one of candidates) if (one.weight > 0) total += one.weight;
  return total;
};

/** The one at `point` when all stand in a row, each as wide as its weight; `without` does not stand there. */
export const at = <U extends Upstream>(
  candidates: readonly U[],
  point: number,
  without?: U,
): U | undefined => {
  let left = point;
  let last: U | undefined;
  for (const one of candidates) {
    if (!(one.weight > 0) || one === without) continue;
    // Rounding may leave a little after the last one: then it is the last.
    last = one;
    left -= one.weight;
    if (left < 0) break;
  }
  return last;
};

/** `random` gives a number in [0, 1). */
export const randomChoice = (random: () => number): Policy => ({
  pick: (candidates) => at(candidates, random() * totalWeight(candidates)),
});
