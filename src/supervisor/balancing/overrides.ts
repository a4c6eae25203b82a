/**
 * What a person says about single upstreams: kept with the record of the app that was named, by the upstream's place, so that
 * it holds for every worker that comes into that slot and outlives supervisors. Pure.
 */
import { SkeinError } from '../../core/errors.ts';
import type { MemberSnapshot, MemberState, PoolSnapshot } from '../../protocol/balance.ts';
import type { UpstreamOverride, UpstreamRequest } from '../../protocol/balancer-view.ts';

export type Overrides = Readonly<Record<string, UpstreamOverride>>;

const RANK: Readonly<Record<MemberState, number>> = { up: 0, draining: 1, maintenance: 2 };

/** Whoever wants it out has it out: a worker that leaves is not brought back by a command. */
const strictest = (states: readonly (MemberState | undefined)[]): MemberState =>
  states.reduce<MemberState>(
    (worst, one) => (one !== undefined && RANK[one] > RANK[worst] ? one : worst),
    'up',
  );

/** What people have said of it; null: nothing. `all`: the balancer's own first, whose weight counts before that of the app. */
export const byCommand = (
  place: string,
  all: readonly (Overrides | undefined)[],
): UpstreamOverride | null => {
  const said = all.flatMap((one) => (one !== undefined && Object.hasOwn(one, place) ? [one[place]!] : []));
  if (said.length === 0) return null;
  const state = strictest(said.map((one) => one.state));
  const weight = said.find((one) => one.weight !== undefined)?.weight;
  return { ...(state !== 'up' && { state }), ...(weight !== undefined && { weight }) };
};

const overridden = (member: MemberSnapshot, all: readonly (Overrides | undefined)[]): MemberSnapshot => {
  const said = byCommand(member.place, all);
  if (said === null) return member;
  const { state, weight = member.weight } = said;
  return { ...member, state: strictest([member.state, state]), weight };
};

/** Pools with what was said about their members. */
export const withOverrides = (
  pools: readonly PoolSnapshot[],
  all: readonly (Overrides | undefined)[],
): readonly PoolSnapshot[] =>
  all.every((one) => one === undefined)
    ? pools
    : pools.map((pool) => ({ ...pool, members: pool.members.map((member) => overridden(member, all)) }));

/** The override after what was asked; null: nothing is left of it. */
const changedOverride = (
  before: UpstreamOverride,
  { state, weight }: Pick<UpstreamRequest, 'state' | 'weight'>,
): UpstreamOverride | null => {
  const newState = state === undefined ? before.state : state === 'up' ? undefined : state;
  const newWeight = weight === undefined ? before.weight : (weight ?? undefined);
  if (newState === undefined && newWeight === undefined) return null;
  return {
    ...(newState !== undefined && { state: newState }),
    ...(newWeight !== undefined && { weight: newWeight }),
  };
};

export const changedOverrides = (
  before: Overrides | undefined,
  place: string,
  request: Pick<UpstreamRequest, 'state' | 'weight'>,
): Overrides => {
  const { [place]: own = {}, ...others } = before ?? {};
  const next = changedOverride(own, request);
  return next === null ? others : { ...others, [place]: next };
};

/**
 * The place that is meant: as it stands, `http://` and `https://` as in `--to`, or the number of a slot.
 * @param places All upstreams that this app or balancer has.
 * @throws SkeinError E_UNKNOWN_UPSTREAM
 */
export const placeOf = (app: string, upstream: string, places: readonly string[]): string => {
  const asked = upstream.replace(/^http:\/\//, '').replace(/\/$/, '');
  const meant = places.filter(
    (place) =>
      place === asked || (/^\d+$/.test(asked) && place.endsWith(`/${asked}`) && !place.includes('//')),
  );
  if (meant.length === 1) return meant[0]!;
  throw new SkeinError('E_UNKNOWN_UPSTREAM', {
    app,
    upstream,
    known: places.length === 0 ? 'none yet' : places.join(', '),
  });
};
