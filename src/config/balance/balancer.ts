/** From what is written of a balancer to its settings, whole and checked. */
import type {
  BalancerSettings,
  ListenSettings,
  PoolSettings,
  RemotePool,
  RouteAction,
  RouteSettings,
} from '../../protocol/balance.ts';
import { SkeinError } from '../../core/errors.ts';
import { defaultFront, defaultPool } from '../balance-defaults.ts';
import type { KeyPath, Place } from '../place.ts';
import { keyText, placeText } from '../place.ts';
import { writeUpstream } from './address.ts';
import type { BalancerDraft, WrittenPool, WrittenRoute, WrittenUpstream } from './balancer-draft.ts';
import { checkCertificate } from './certificates.ts';
import { checkPool } from './check.ts';
import { bySpecificity, shadowed } from './route-order.ts';
import { routeError } from './route-text.ts';
import { didYouMean } from '../suggest.ts';
import { frontWith, layPool, poolWith } from './settle.ts';

/** Of a setting of the balancer: `['routes', 2]`. */
export type PlaceOf = (path: KeyPath) => Place;

const remotePool = ({ to, pool }: WrittenPool): RemotePool => {
  const settings: PoolSettings = poolWith(defaultPool, pool);
  const weights = to.map(({ weight }, nth) => weight ?? settings.weights[nth] ?? 1);
  return {
    settings: weights.every((weight) => weight === 1) ? settings : { ...settings, weights },
    to: to.map(({ address, backup }) => ({ address, backup })),
  };
};

const nameOf = (upstreams: readonly WrittenUpstream[]): string =>
  upstreams.map(({ address }) => writeUpstream(address)).join(',');

const listenersOf = (
  { listen = [], tls = null, proxyProtocol = false }: BalancerDraft,
  placeOf: PlaceOf,
): ListenSettings[] =>
  listen.map((one, nth) => {
    const own = one.tls === undefined ? tls : one.tls;
    for (const pair of own?.certificates ?? [])
      checkCertificate(placeOf(one.tls === undefined ? ['tls'] : ['listen', nth]), pair);
    return { address: one.address, tls: own, proxyProtocol: one.proxyProtocol ?? proxyProtocol };
  });

/** Routes that were written, and for all other requests the one to `to`. */
const writtenRoutes = ({
  routes = [],
  to,
}: BalancerDraft): { readonly route: WrittenRoute; readonly path: KeyPath }[] => {
  const all = routes.map((route, nth) => ({ route, path: ['routes', nth] as KeyPath }));
  if (to === undefined) return all;
  const route: WrittenRoute = {
    text: `/ -> ${nameOf(to)}`,
    match: { host: '*', path: '/', methods: [], headers: [] },
    to: { kind: 'upstreams', upstreams: to },
    stripPrefix: '',
    addPrefix: '',
    rateLimit: null,
  };
  return [...all, { route, path: ['to'] }];
};

/**
 * Names of routes that are no pools are left: they are apps, which are not known here.
 * @throws SkeinError E_CONFIG, E_ROUTE, E_CERTIFICATE, E_BAD_VALUE, E_CONFIG_VALUE
 */
export const balancerOf = (draft: BalancerDraft, placeOf: PlaceOf): BalancerSettings => {
  const listen = listenersOf(draft, placeOf);
  checkPool(draft.pool, (key) => placeOf([key]));
  const pools: Record<string, RemotePool> = {};
  for (const [name, { to, pool }] of Object.entries(draft.pools ?? {})) {
    checkPool(pool, (key) => placeOf(['pools', name, key]));
    pools[name] = remotePool({ to, pool: layPool(draft.pool, pool) });
  }
  const actionOf = (to: WrittenRoute['to']): RouteAction => {
    if (to.kind === 'name') return { kind: 'pool', pool: to.name };
    if (to.kind !== 'upstreams') return to;
    const name = nameOf(to.upstreams);
    pools[name] ??= remotePool({ to: to.upstreams, pool: draft.pool ?? {} });
    return { kind: 'pool', pool: name };
  };
  const routes = writtenRoutes(draft)
    .map(({ route: { to, ...route }, path }): RouteSettings & { readonly path: KeyPath } => ({
      ...route,
      action: actionOf(to),
      place: keyText(['balancer', ...path]),
      path,
    }))
    .sort(bySpecificity);
  const lost = shadowed(routes);
  if (lost !== undefined)
    throw routeError(
      placeOf(lost.route.path),
      lost.route.text,
      `can never be reached: \`${lost.by.text}\` (${placeText(placeOf(lost.by.path))}) takes all of its requests`,
      'Take one of them out, or make one more specific by a host, a path, a method or a header.',
    );
  if (routes.length === 0)
    throw new SkeinError('E_CONFIG', {
      file: placeText(placeOf([])),
      reason: 'a balancer without routes and without to leads nowhere.',
      hint: "Write for example to: 'http://127.0.0.1:3000', or routes: ['/ -> web'].",
    });
  return {
    ...frontWith(defaultFront, draft.front),
    frontOf: null,
    listen,
    routes: routes.map(({ path: _, ...route }) => route),
    pools,
  };
};

/** An app that a route leads to. */
export interface AppTarget {
  readonly app: string;
  readonly route: string;
  readonly place: Place;
}

export const appTargets = (
  { routes, pools }: Pick<BalancerSettings, 'routes' | 'pools'>,
  placeOf: PlaceOf,
): AppTarget[] =>
  routes.flatMap(({ text: route, place, action }) => {
    if (action.kind !== 'pool' || Object.hasOwn(pools, action.pool)) return [];
    const nth = Number(/\[(\d+)\]$/.exec(place)?.[1]);
    return [{ app: action.pool, route, place: placeOf(['routes', nth]) }];
  });

/** @param known Apps that there are, and pools. */
export const unknownTarget = ({ app, route, place }: AppTarget, known: readonly string[]): SkeinError =>
  routeError(
    place,
    route,
    `leads to ${app}, and there is no app or pool of that name`,
    `Start ${app} first, or mend the name.${didYouMean(app, known)}`,
  );
