/** What can be wrong with a snapshot by itself; nothing is changed before this has been asked. */
import { BlockList, isIP } from 'node:net';
import type { BalancerSnapshot } from '../protocol/balance.ts';
import { SnapshotRefused } from './refused.ts';

const CIDR = /^([^/]+)\/(\d{1,3})$/;

/** Throws SnapshotRefused for what is no address and no network. */
export const trustList = (trust: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const [at, entry] of trust.entries()) {
    const [, network = entry, bits] = CIDR.exec(entry) ?? [];
    const version = isIP(network);
    const family = version === 6 ? 'ipv6' : 'ipv4';
    const prefix = Number(bits ?? (version === 6 ? 128 : 32));
    if (version === 0 || prefix > (version === 6 ? 128 : 32))
      throw new SnapshotRefused(`balancer.trust[${at}]`, `${entry} is no address and no network`);
    list.addSubnet(network, prefix, family);
  }
  return list;
};

/** Throws SnapshotRefused. */
export const checkRoutes = ({ routes, pools }: Pick<BalancerSnapshot, 'routes' | 'pools'>): void => {
  const names = new Set(pools.map(({ name }) => name));
  for (const { action, place, text } of routes)
    if (action.kind === 'pool' && !names.has(action.pool))
      throw new SnapshotRefused(place, `the route ${text} leads to ${action.pool}, which is not there`);
};
