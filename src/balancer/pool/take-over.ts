/** From one snapshot to the next: who stays is the same object, with all that was learnt. */
import type { MemberSnapshot, PoolSettings } from '../../protocol/balance.ts';
import { Upstream } from './member.ts';

export interface TakenOver {
  /** In the order of the snapshot. */
  readonly now: readonly Upstream[];
  /** They end what they have. */
  readonly gone: readonly Upstream[];
}

/** Of two with the same id the first counts. */
export const takeOver = (
  before: readonly Upstream[],
  members: readonly MemberSnapshot[],
  settings: PoolSettings,
): TakenOver => {
  const known = new Map(before.map((one) => [one.id, one]));
  const now = new Map<string, Upstream>();
  for (const member of members) {
    if (now.has(member.id)) continue;
    const old = known.get(member.id);
    const one = old?.is(member) === true ? old : new Upstream(member);
    one.configure(member, settings);
    now.set(member.id, one);
  }
  return { now: [...now.values()], gone: before.filter((one) => now.get(one.id) !== one) };
};
