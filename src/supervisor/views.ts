/** What `list` and `describe` show of an app. */
import { pssBytes, processStat } from '../os/proc.ts';
import type {
  AppDetails,
  AppState,
  AppView,
  Ping,
  SkeinEvent,
  StateServerInfo,
  WorkerStateName,
  WorkerView,
} from '../protocol/control.ts';
import type { App } from './app.ts';
import type { HolderClient, Welcome } from './holder-client.ts';
import { wantedHook } from './hooks.ts';
import { describeExit } from './restart-policy.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { isAlive } from './worker-state.ts';

/** CPU time at the previous look, by worker: the share is that of the time in between. */
const lastLook = new WeakMap<
  WorkerHandle,
  { readonly at: number; readonly cpuSeconds: number; share: number }
>();

const cpuShare = (worker: WorkerHandle, cpuSeconds: number, now: number): number => {
  const before = lastLook.get(worker) ?? { at: worker.startedAt, cpuSeconds: 0, share: 0 };
  const seconds = (now - before.at) / 1000;
  // Clock ticks are 10 ms long: below this a share would be noise.
  if (seconds < 0.2) return before.share;
  const share = Math.max(0, (cpuSeconds - before.cpuSeconds) / seconds);
  lastLook.set(worker, { at: now, cpuSeconds, share });
  return share;
};

const workerView = (app: App, worker: WorkerHandle, now: number): WorkerView => {
  const { tag, pid, state, stats, startedAt } = worker;
  const alive = isAlive(state) && !worker.gone;
  const stat = alive && pid !== null ? processStat(pid) : null;
  const speaks = alive && worker.spec.kind === 'node' && worker.connected;
  return {
    id: app.record.ids?.[tag.slot] ?? tag.slot,
    slot: tag.slot,
    pid: alive ? pid : null,
    state: state.name satisfies WorkerStateName,
    generation: tag.generation,
    uptimeMs: alive ? now - startedAt : null,
    restarts: app.crashes.restarts(tag.slot),
    cpu: stat === null ? null : cpuShare(worker, stat.cpuSeconds, now),
    rssBytes: stat?.rssBytes ?? null,
    pssBytes: stat === null || pid === null ? null : pssBytes(pid),
    utilisation: speaks ? stats.utilisation : null,
    connections: speaks ? stats.connections : null,
    requestsPerSecond: speaks ? worker.rateAt(now) : null,
    lastExit: 'exit' in state && state.exit !== null ? describeExit(state.exit) : null,
    health: alive ? worker.health : null,
  };
};

export const stateOf = ({ record, workers }: Pick<App, 'record' | 'workers'>): AppState => {
  const kind = record.underWay?.undo === null ? record.underWay.change.kind : null;
  if (kind === 'start' || kind === 'restart') return 'starting';
  if (kind === 'stop') return 'stopping';
  if (kind === 'rollout' || kind === 'prepare') return 'reloading';
  if (record.failure !== null) return 'failed';
  const all = [...workers.values()];
  if (!record.run) return all.some(({ state }) => isAlive(state)) ? 'stopping' : 'stopped';
  if ((record.waits ?? null) !== null) return 'starting';
  const ready = all.filter(({ state }) => state.name === 'ready').length;
  if (ready >= record.current.spec.instances) return 'running';
  if (all.length > 0 && all.every(({ state }) => state.name === 'failed')) return 'failed';
  return all.length > 0 && all.every(({ state }) => state.name === 'stopped') ? 'stopped' : 'degraded';
};

/** Addresses without the listeners' keys; the same one of several workers once. */
const addressesOf = ({ workers, sockets }: App): string[] => {
  const said = [...workers.values()]
    .filter(({ gone }) => !gone)
    .flatMap(({ listening }) => listening.map(({ address }) => address));
  return [...new Set(said.length > 0 ? said : sockets.addresses)].sort();
};

export const appView = (app: App, now: number): AppView => {
  const { record } = app;
  const workers = [...app.workers.values()]
    .map((worker) => workerView(app, worker, now))
    .sort((a, b) => a.slot - b.slot || a.generation - b.generation);
  return {
    name: app.name,
    namespace: record.current.spec.namespace,
    state: stateOf(app),
    accept: record.current.spec.accept,
    generation: record.current.number,
    instances: record.current.spec.instances,
    addresses: addressesOf(app),
    script: record.current.spec.script,
    ids: Array.from({ length: record.current.spec.instances }, (_, slot) => record.ids?.[slot] ?? slot),
    workers,
    reason: record.failure?.message ?? app.waitingFor,
  };
};

export const appDetails = (
  app: App,
  now: number,
  logs: AppDetails['logs'],
  events: readonly SkeinEvent[],
): AppDetails => {
  const { env, shellEnv, ...spec } = app.record.current.spec;
  return {
    ...appView(app, now),
    spec: { ...spec, envNames: Object.keys({ ...shellEnv, ...env }).sort() },
    previousGeneration: app.record.previous?.number ?? null,
    logs,
    events,
  };
};

export interface Processes {
  readonly holder: Pick<HolderClient, 'alive' | 'pid'>;
  readonly welcome: Pick<Welcome, 'version' | 'startedAt'>;
  readonly version: string;
  readonly stateServer: { view(now: number): StateServerInfo | null };
}

export const pingView = (
  { holder, welcome, version, stateServer }: Processes,
  startedAt: number,
  now: number,
): Ping => ({
  holder: holder.alive
    ? { pid: holder.pid, version: welcome.version, uptimeMs: now - welcome.startedAt }
    : null,
  supervisor: { pid: process.pid, version, uptimeMs: now - startedAt },
  stateServer: stateServer.view(now),
});

/** For people, while a change is under way: `2 of 4 workers ready, 1 draining`. */
export const progressOf = (app: App): string => {
  const { record, workers, waitingFor } = app;
  if (waitingFor !== null) return waitingFor;
  const hook = wantedHook(record);
  if (hook !== null) return `the ${hook.when} hook runs`;
  const all = [...workers.values()];
  const count = (name: WorkerStateName): number => all.filter(({ state }) => state.name === name).length;
  const draining = count('draining') + count('stopping');
  const left = draining === 0 ? '' : `${draining} ending`;
  if (!record.run) return left === '' ? 'stopped' : left;
  const ready = all.filter(
    ({ state, tag }) => state.name === 'ready' && tag.generation === record.current.number,
  ).length;
  const text = `${ready} of ${record.current.spec.instances} workers ready`;
  return left === '' ? text : `${text}, ${left}`;
};
