/** The apps that balancers may lead to, as they are now. */
import type { MemberState } from '../../protocol/balance.ts';
import type { App } from '../app.ts';
import type { WorkerHandle } from '../worker-handle.ts';
import { balancedAddresses, publicAddress } from './addresses.ts';
import type { BehindApp, BehindWorker } from './snapshot.ts';

/** How a worker that leaves stands with balancers. */
export type Leaving = ReadonlyMap<string, MemberState>;

const behindWorker = (
  { tag: { id, slot }, state, gone, listening }: WorkerHandle,
  leaving: Leaving,
): BehindWorker[] => {
  if (gone || (state.name !== 'ready' && state.name !== 'draining')) return [];
  const now: MemberState = state.name === 'ready' ? 'up' : (leaving.get(id) ?? 'draining');
  return [{ id, slot, state: now, listening }];
};

/** It has workers that may serve, or is to have them. */
const isExpected = ({ record, workers }: App): boolean => {
  const { run, underWay, current } = record;
  const comesBack = underWay?.change.kind === 'restart' && underWay.undo === null;
  if (!run && !comesBack) return false;
  const states = [...workers.values()].map(({ state }) => state.name);
  const over = states.filter((name) => name === 'failed' || name === 'stopped').length;
  return comesBack || over < current.spec.instances;
};

export const behindApp = (app: App, leaving: Leaving): BehindApp => {
  const { balance } = app.record.current.spec;
  const facts = { listeners: app.sockets.listeners, workers: [...app.workers.values()] };
  return {
    name: app.name,
    pool: balance?.pool ?? null,
    tls: balance?.front?.tls ?? null,
    addresses: balancedAddresses(facts),
    publicAddress: publicAddress(facts),
    workers: facts.workers.flatMap((worker) => behindWorker(worker, leaving)),
    expected: isExpected(app),
  };
};
