/**
 * The same header or address, the same upstream, by consistent hash: nothing is remembered, so all
 * balancers agree. Without the bound that the policy `hash` has: a session has one home. An upstream
 * that drains gives its keys away at once, as nobody knows which of them are sessions.
 */
import type { KeySource } from '../../../protocol/balance.ts';
import { hash } from '../../policies/hash.ts';
import type { Upstream } from '../member.ts';
import type { Sticky } from './contract.ts';

const unbounded = hash(Infinity);

const isHome = ({ availability, weight }: Upstream): boolean =>
  (availability === 'up' || availability === 'blocked') && weight > 0;

/** The home of a key among those who live, full or blocked ones too; backups when there is nobody else. */
export const homeOf = (key: string, members: readonly Upstream[]): Upstream | undefined => {
  if (key === '') return undefined;
  const homes = members.filter(isHome);
  const primaries = homes.filter(({ backup }) => !backup);
  return unbounded.pick(primaries.length > 0 ? primaries : homes, key);
};

export const byKey = (source: KeySource): Sticky => ({
  members: () => {},
  ownerOf: (asking, members) => homeOf(asking.keyOf(source), members),
  linesFor: () => '',
  cookieFor: (cookie) => cookie,
});
