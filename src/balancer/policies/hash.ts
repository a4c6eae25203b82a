/**
 * The same key to the same upstream: weighted rendezvous hashing with bounded load. O(n).
 *
 * Every upstream has a number for every key, and the best number serves. When one comes or goes only its
 * own keys move, and they spread over all others. Unlike points on a ring there is nothing to build
 * again whenever a filter, slow start or a weight changes the candidates, and shares are exact. The
 * drawback, a cost that grows with their number, is small for as few as a pool has.
 *
 * Bounded load (Mirrokni, Thorup, Zadimoghaddam): who has more than `factor` times their share of what
 * is in flight is passed over, so a key that everybody asks for does not drown its upstream.
 */
import { hashOf, mixed } from '../hash-of.ts';
import type { Upstream } from '../upstream.ts';
import type { Policy } from './policy.ts';
import { pickByTurn } from './round-robin.ts';

/** -ln(u) / weight is the time until the first event of a process of that rate: the least wins by weight. */
const distance = (keyHash: number, { hash, weight }: Upstream): number =>
  -Math.log((mixed(keyHash ^ hash) + 1) / 4_294_967_297) / weight;

/** `factor`: at least 1; the smaller, the more even and the less faithful. */
export const hash = (factor = 1.25): Policy => ({
  pick: <U extends Upstream>(candidates: readonly U[], key: string): U | undefined => {
    if (key === '') return pickByTurn(candidates);
    let weights = 0;
    let inFlight = 1;
    let lightest = Infinity;
    let heaviest = 0;
    for (const one of candidates) {
      if (!(one.weight > 0)) continue;
      weights += one.weight;
      inFlight += one.inFlight;
      lightest = Math.min(lightest, one.weight);
      heaviest = Math.max(heaviest, one.weight);
    }
    const keyHash = hashOf(key);
    const perWeight = (Math.max(1, factor) * inFlight) / weights;
    // The logarithm changes no order among equal weights.
    const equal = lightest === heaviest;
    let best: U | undefined;
    let least = Infinity;
    for (const one of candidates) {
      if (!(one.weight > 0) || one.inFlight >= Math.ceil(perWeight * one.weight)) continue;
      const far = equal ? -mixed(keyHash ^ one.hash) : distance(keyHash, one);
      if (best !== undefined && far >= least) continue;
      best = one;
      least = far;
    }
    return best;
  },
});
