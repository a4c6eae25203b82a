/**
 * Draws two by weight and takes the less loaded for its weight. O(n), for the sum of the weights. Nearly
 * as even as least-connections, and balancers that do not know of each other never all run to the same
 * one (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing").
 */
import type { Policy } from './policy.ts';
import { at, totalWeight } from './random.ts';

/** `random` gives a number in [0, 1). */
export const powerOfTwo = (random: () => number): Policy => ({
  pick: (candidates) => {
    const total = totalWeight(candidates);
    const first = at(candidates, random() * total);
    if (first === undefined || candidates.length === 1) return first;
    const second = at(candidates, random() * (total - first.weight), first);
    if (second === undefined) return first;
    return second.inFlight * first.weight < first.inFlight * second.weight ? second : first;
  },
});
