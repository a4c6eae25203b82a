/** One bad URL makes every upstream fail: without a cap it would empty the pool. */
import type { Upstream } from '../member.ts';

const isEjected = ({ breaker: { state } }: Upstream): boolean =>
  state.kind !== 'closed' && state.why === 'failures';

/** `share` of the pool (0 to 1), at least one unless it is 0, and never the last one that is up. */
export const mayEject = (members: readonly Upstream[], one: Upstream, share: number): boolean => {
  const others = members.filter((other) => other !== one);
  if (share <= 0 || !others.some(({ availability }) => availability === 'up')) return false;
  return others.filter(isEjected).length < Math.max(1, Math.floor(share * members.length));
};
