/** Routes of one host by their path, longest prefix first. */
import type { RequestHead } from '../contract.ts';
import type { Compiled } from './compiled.ts';

export interface PathTable {
  /** The first route whose prefix, method and headers fit. `path`: without the query. */
  find(path: string, head: RequestHead): Compiled | undefined;
}

const SLASH = 47;
/** So few are faster looked through than looked up. */
const FEW = 8;

const fits = (routes: readonly Compiled[], head: RequestHead): Compiled | undefined => {
  for (const route of routes) if (route.fits === null || route.fits(head)) return route;
  return undefined;
};

const begins = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) &&
  (path.length === prefix.length || prefix.length === 1 || path.charCodeAt(prefix.length) === SLASH);

/** @param routes In the order of their match. */
export const pathTable = (routes: readonly Compiled[]): PathTable => {
  const byPath = new Map<string, Compiled[]>();
  for (const route of routes) {
    const { path } = route.settings.match;
    const same = byPath.get(path);
    if (same === undefined) byPath.set(path, [route]);
    else same.push(route);
  }
  const longestFirst = [...byPath].sort(([a], [b]) => b.length - a.length);
  // `OPTIONS *` is about the whole server, which is what `/` is.
  const all = byPath.get('/') ?? [];

  if (longestFirst.length <= FEW)
    return {
      find(path, head) {
        for (const [prefix, same] of longestFirst) {
          const found = same === all || begins(path, prefix) ? fits(same, head) : undefined;
          if (found !== undefined) return found;
        }
        return undefined;
      },
    };

  const longest = longestFirst[0]?.[0].length ?? 0;
  return {
    find(path, head) {
      for (let end = Math.min(path.length, longest); end > 1; end -= 1) {
        if (end !== path.length && path.charCodeAt(end) !== SLASH) continue;
        const same = byPath.get(path.slice(0, end));
        const found = same === undefined ? undefined : fits(same, head);
        if (found !== undefined) return found;
      }
      return fits(all, head);
    },
  };
};
