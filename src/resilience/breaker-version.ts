/**
 * Versions order what is decided about a breaker by workers that hear of each other late:
 * `hands * 2 ** 32 + count`. What a hand decides (isolate, reset) raises the first part, so nothing that
 * a worker decides by itself meanwhile undoes it. The second part is never behind the clock in seconds: a
 * worker that has heard nothing still decides above what others decided long ago.
 */
const HAND = 2 ** 32;

export interface Decided {
  readonly byHand: boolean;
  /** Since 1970. */
  readonly seconds: number;
}

export const nextVersion = (version: number, { byHand, seconds }: Decided): number => {
  const hands = Math.floor(version / HAND);
  // Two hands at the same time are equals, and then the more careful one counts.
  if (byHand) return (hands + 1) * HAND;
  return Math.max(version + 1, hands * HAND + Math.floor(seconds));
};
