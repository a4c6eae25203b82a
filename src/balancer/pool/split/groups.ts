/** Groups of a pool by name. */
import type { SplitSettings } from '../../../protocol/balance.ts';
import type { Upstream } from '../member.ts';

/** Numbers are slots, or places in the order of the pool where there are none; texts are ids or places by name. */
const isIn = (group: readonly (number | string)[], one: Upstream, index: number): boolean =>
  group.some((part) =>
    typeof part === 'number' ? part === (one.slot ?? index) : part === one.id || part === one.place,
  );

export const groupsOf = (
  groups: SplitSettings['groups'],
  members: readonly Upstream[],
): ReadonlyMap<string, readonly Upstream[]> =>
  new Map(
    Object.entries(groups).map(([name, parts]) => [
      name,
      members.filter((one, index) => isIn(parts, one, index)),
    ]),
  );
