/** From the routes of a snapshot to what is done with each request. */
import type { RouteSettings } from '../../protocol/balance.ts';
import type { Decision, Pool, Routes } from '../contract.ts';
import { originForm } from '../target.ts';
import type { Compiled } from './compiled.ts';
import { compiled } from './compiled.ts';
import { hostTable } from './host-table.ts';
import { generousReading, isPlain } from './path-readings.ts';
import type { PathTable } from './path-table.ts';
import { pathTable } from './path-table.ts';

const NONE: Decision = { kind: 'none' };

/** The answer to a path that leads to one route for some readers and to another for others. */
const AMBIGUOUS: Decision = {
  kind: 'respond',
  route: {
    text: '(ambiguous path)',
    place: '',
    match: { host: '*', path: '/', methods: [], headers: [] },
    action: { kind: 'respond', status: 400, headers: {}, body: '' },
    stripPrefix: '',
    addPrefix: '',
    rateLimit: null,
  },
  status: 400,
  lines: 'Content-Type: text/plain\r\n',
  body: 'Bad Request: this path can be read in more than one way.\n',
};

const isForAll = ({ match, addPrefix }: RouteSettings): boolean => match.path === '/' && addPrefix === '';

const routesOf = (settings: readonly RouteSettings[], pools: ReadonlyMap<string, Pool>): Routes => {
  const byHost = new Map<string, Compiled[]>();
  for (const route of settings) {
    const same = byHost.get(route.match.host);
    if (same === undefined) byHost.set(route.match.host, [compiled(route, pools)]);
    else same.push(compiled(route, pools));
  }
  const hosts = hostTable(new Map([...byHost].map(([host, routes]) => [host, pathTable(routes)])));
  const pathsMatter = !settings.every(isForAll);

  const find = (tables: readonly PathTable[], path: string, head: Parameters<Routes['decide']>[0]) => {
    for (const table of tables) {
      const route = table.find(path, head);
      if (route !== undefined) return route;
    }
    return undefined;
  };

  const [only] = byHost.get('*') ?? [];
  if (settings.length === 1 && only?.fits === null && !pathsMatter)
    return { decide: ({ method, target }, host) => only.decide(originForm(method, target), host) };

  return {
    decide(head, host) {
      const target = originForm(head.method, head.target);
      const tables = hosts.find(host);
      if (!pathsMatter) return find(tables, '/', head)?.decide(target, host) ?? NONE;
      const query = target.indexOf('?');
      const path = query === -1 ? target : target.slice(0, query);
      const route = find(tables, path, head);
      if (!isPlain(path)) {
        const reading = generousReading(path);
        if (reading === undefined || find(tables, reading, head) !== route) return AMBIGUOUS;
      }
      return route?.decide(target, host) ?? NONE;
    },
  };
};

/** Those of one address, and those of all. */
const forListener = (settings: readonly RouteSettings[], listener?: string): RouteSettings[] =>
  settings.filter(({ match }) => match.listener === undefined || match.listener === listener);

/**
 * Routes are looked for by host (exact, then wildcards, then `*`), there by path (longest first), there
 * in the order they are given in. Where a path decides, one that can be read in more than one way is
 * answered with 400 if the readings lead to different routes.
 * @param settings In the order of their match.
 * @param pools By name.
 * @throws RouteError a route leads to a pool that is not there
 */
export const createRoutes = (
  settings: readonly RouteSettings[],
  pools: ReadonlyMap<string, Pool>,
): Routes => {
  const listeners = new Set(settings.flatMap(({ match: { listener } }) => listener ?? []));
  if (listeners.size === 0) return routesOf(settings, pools);
  const others = routesOf(forListener(settings), pools);
  const own = new Map([...listeners].map((one) => [one, routesOf(forListener(settings, one), pools)]));
  return {
    decide: (head, host, secure, listener) => (own.get(listener ?? '') ?? others).decide(head, host, secure),
  };
};
