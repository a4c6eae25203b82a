/** What differs between the settings of two balancers, short enough for a line of a plan. Pure. */
import type { BalancerSettings, ListenSettings, RemotePool, UpstreamAddress } from '../protocol/balance.ts';

const addressText = (address: UpstreamAddress): string =>
  address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;

const poolText = ({ to }: RemotePool): string =>
  to.map(({ address, backup }) => `${addressText(address)}${backup ? ' (backup)' : ''}`).join(',');

const listenText = ({ address, tls, proxyProtocol }: ListenSettings): string =>
  `${address}${tls === null ? '' : ' (TLS)'}${proxyProtocol ? ' (PROXY)' : ''}`;

/**
 * With routes as text, and with the settings of pools that both have.
 */
const view = (settings: BalancerSettings, other: BalancerSettings | null): object => {
  const { listen, routes, pools, frontOf: _, ...front } = settings;
  const names = Object.keys(pools);
  return {
    ...front,
    listen: listen.map(listenText),
    routes: routes.map(({ text }) => text),
    pools: Object.fromEntries(names.map((name) => [name, poolText(pools[name]!)])),
    ...(other !== null && {
      settings: Object.fromEntries(
        names.flatMap((name) => (name in other.pools ? [[name, pools[name]!.settings]] : [])),
      ),
    }),
  };
};

/** Both, as they are compared setting by setting; null for what is no balancer. */
export const balancerViews = (
  from: BalancerSettings | null,
  to: BalancerSettings | null,
): readonly [from: object | null, to: object | null] => [from && view(from, to), to && view(to, from)];
