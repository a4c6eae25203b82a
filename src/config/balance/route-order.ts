/** Which of several routes that fit a request counts, and which can never be it. */
import type { RouteMatch, RouteSettings } from '../../protocol/balance.ts';

const hostRank = (host: string): number => {
  if (host === '*') return 0;
  return host.startsWith('*.') ? host.length : Number.MAX_SAFE_INTEGER;
};

const conditions = ({ methods, headers }: RouteMatch): number =>
  (methods.length > 0 ? 1 : 0) + headers.length;

/** A host before a longer wildcard before a shorter one before `*`; then longer paths, then more conditions. */
export const bySpecificity = (
  { match: a }: Pick<RouteSettings, 'match'>,
  { match: b }: Pick<RouteSettings, 'match'>,
): number =>
  hostRank(b.host) - hostRank(a.host) || b.path.length - a.path.length || conditions(b) - conditions(a);

const allowed = ({ methods }: RouteMatch): ReadonlySet<string> =>
  new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);

/** Whether each request that fits `narrow` fits `wide`, where both have one host and one path. */
const covers = (wide: RouteMatch, narrow: RouteMatch): boolean => {
  const methods = allowed(wide);
  return (
    wide.host === narrow.host &&
    wide.path === narrow.path &&
    (methods.size === 0 ||
      (narrow.methods.length > 0 && [...allowed(narrow)].every((one) => methods.has(one)))) &&
    wide.headers.every(({ name, value }) =>
      narrow.headers.some((other) => other.name === name && (value === null || value === other.value)),
    )
  );
};

/**
 * The first route that no request can come to, and the one that takes all of its requests. A route for
 * a wider host or a shorter path comes later, so it cannot stand in the way.
 * @param routes In the order of their match.
 */
export const shadowed = <Route extends Pick<RouteSettings, 'match'>>(
  routes: readonly Route[],
): { readonly route: Route; readonly by: Route } | undefined => {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const { host, path } = route.match;
    const key = `${host}${path}`;
    const before = groups.get(key) ?? [];
    const by = before.find((other) => covers(other.match, route.match));
    if (by !== undefined) return { route, by };
    groups.set(key, [...before, route]);
  }
  return undefined;
};
