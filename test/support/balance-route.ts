import type { RouteSettings } from '../../src/protocol/balance.ts';

/** A route that matches everything. */
export const routeOf = (text: string): RouteSettings => ({
  text,
  place: 'balancer.routes[0]',
  match: { host: '*', path: '/', methods: [], headers: [] },
  action: { kind: 'pool', pool: 'web' },
  stripPrefix: '',
  addPrefix: '',
  rateLimit: null,
});
