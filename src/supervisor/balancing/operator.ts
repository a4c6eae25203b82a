/** What operators ask of balancers: how they are, and that an upstream be taken out, brought back or weighed anew. */
import { SkeinError } from '../../core/errors.ts';
import type { BalancerView, UpstreamChanged, UpstreamRequest } from '../../protocol/balancer-view.ts';
import type { App } from '../app.ts';
import { frontOf } from './companion-spec.ts';
import type { Overrides } from './overrides.ts';
import { changedOverrides, placeOf } from './overrides.ts';
import type { Snapshots } from './snapshots.ts';
import { balancerView } from './view.ts';

export type Apps = ReadonlyMap<string, App>;

const isBalancer = ({ record }: App): boolean => record.current.spec.balancer !== null;
const isBalanced = ({ record }: App): boolean => record.current.spec.balance !== null;

/** What was said about the workers of all apps: places begin with the app's name. */
export const overridesOfApps = (apps: Apps): Overrides | undefined => {
  const said = [...apps.values()].flatMap((app) =>
    !isBalancer(app) && app.record.upstreams !== undefined ? [app.record.upstreams] : [],
  );
  return said.length === 0 ? undefined : Object.assign({}, ...said);
};

const viewOf = (balancer: App, apps: Apps, snapshots: Snapshots): BalancerView =>
  balancerView({
    name: balancer.name,
    frontOf: frontOf(balancer.record.current.spec),
    snapshot: snapshots.current(balancer.name),
    workers: [...balancer.workers.values()]
      .filter(({ gone }) => !gone)
      .map((worker) => {
        const { applied, refused, report } = snapshots.said(worker);
        const { slot } = worker.tag;
        return {
          slot,
          pid: worker.pid,
          revision: applied,
          refused: refused === null ? null : { place: refused.place, reason: refused.reason },
          report: worker.connected ? report : null,
        };
      })
      .sort((a, b) => a.slot - b.slot),
    overrides: [balancer.record.upstreams, overridesOfApps(apps)],
  });

/** Balancers that are among these apps, or lead to one of them. */
export const balancerViews = (chosen: readonly App[], apps: Apps, snapshots: Snapshots): BalancerView[] => {
  const names = new Set(chosen.map(({ name }) => name));
  return [...apps.values()]
    .filter(isBalancer)
    .filter(
      ({ name, record }) =>
        names.has(name) ||
        names.has(frontOf(record.current.spec) ?? '') ||
        snapshots.current(name)?.pools.some((pool) => names.has(pool.name)) === true,
    )
    .map((balancer) => viewOf(balancer, apps, snapshots));
};

const slotPlaces = ({ name, record }: App): string[] =>
  Array.from({ length: record.current.spec.instances }, (_, slot) => `${name}/${slot}`);

const placesOf = (app: App, snapshots: Snapshots): string[] => {
  if (isBalanced(app)) return slotPlaces(app);
  const members = snapshots.current(app.name)?.pools.flatMap((pool) => pool.members) ?? [];
  return [...new Set(members.map(({ place }) => place))];
};

/**
 * The app's record with what was asked, and what there is to tell.
 * @throws SkeinError E_UNKNOWN_APP, E_NOT_BALANCED, E_UNKNOWN_UPSTREAM
 */
export const changeUpstream = (
  request: UpstreamRequest,
  apps: Apps,
  snapshots: Snapshots,
): { readonly app: App; readonly upstreams: Overrides; readonly changed: UpstreamChanged } => {
  const named = apps.get(request.app);
  if (named === undefined) throw new SkeinError('E_UNKNOWN_APP', { target: request.app, suggestion: '' });
  // Of the balancer before one app its app is what people mean.
  const app = apps.get(frontOf(named.record.current.spec) ?? '') ?? named;
  if (!isBalancer(app) && !isBalanced(app)) throw new SkeinError('E_NOT_BALANCED', { app: app.name });
  const place = placeOf(app.name, request.upstream, placesOf(app, snapshots));
  const upstreams = changedOverrides(app.record.upstreams, place, request);
  const { state = 'up', weight = null } = upstreams[place] ?? {};
  return { app, upstreams, changed: { app: app.name, place, state, weight } };
};

/** For people. */
export const changeText = ({ place, state, weight }: UpstreamChanged): string => {
  const weighs = weight === null ? '' : `, with weight ${weight}`;
  switch (state) {
    case 'up':
      return `${place} serves${weighs}, by command`;
    case 'draining':
      return `${place} gets nothing new but its sessions${weighs}, by command`;
    case 'maintenance':
      return `${place} gets nothing${weighs}, by command`;
  }
};
