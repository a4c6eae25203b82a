/** Where apps listen, as a balancer needs it. Pure. */
import type { UpstreamAddress } from '../../protocol/balance.ts';
import type { ListenerInfo } from '../../protocol/holder.ts';
import type { Listening } from '../../protocol/worker.ts';

export interface Listens {
  readonly listeners: readonly ListenerInfo[];
  readonly workers: readonly { readonly gone: boolean; readonly listening: readonly Listening[] }[];
}

/** Those that a balancer is to listen on: of the holder, which keeps them while no worker is there, and of workers. */
export const balancedAddresses = ({ listeners, workers }: Listens): string[] => {
  const held = listeners.flatMap(({ balanced, address }) => (balanced === true ? [address] : []));
  const said = workers.flatMap(({ gone, listening }) =>
    gone ? [] : listening.flatMap(({ behind, address }) => (behind === undefined ? [] : [address])),
  );
  return [...new Set([...held, ...said])];
};

/** `127.0.0.1:3000`, `[::]:3000`; what stands for every address is reached at this machine's own. */
export const tcpAddress = (text: string): UpstreamAddress | null => {
  const found = /^(?:\[(.+)\]|([^:/]+)):(\d+)$/.exec(text);
  if (found === null) return null;
  const host = found[1] ?? found[2]!;
  const own = host === '::' ? '::1' : host === '0.0.0.0' ? '127.0.0.1' : host;
  return { kind: 'tcp', host: own, port: Number(found[3]) };
};

/** Of an app whose workers the kernel spreads connections over. */
export const publicAddress = ({ listeners }: Pick<Listens, 'listeners'>): UpstreamAddress | null => {
  for (const { type, address } of listeners) {
    const found = type === 'tcp' ? tcpAddress(address) : null;
    if (found !== null) return found;
  }
  return null;
};
