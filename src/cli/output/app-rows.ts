/** What stands in one line of `skein list`: an app, or one of its workers. */
import type { AppView, WorkerView } from '../../protocol/control.ts';
import { unhealthyMark } from './health-text.ts';

export interface AppRow {
  readonly name: string;
  readonly namespace: string | null;
  readonly state: AppView['state'] | WorkerView['state'];
  /** What stands behind the state. */
  readonly mark: string;
  readonly isApp: boolean;
  readonly generation: number;
  readonly addresses: readonly string[];
  readonly pid: number | null;
  readonly uptimeMs: number | null;
  readonly restarts: number;
  readonly cpu: number | null;
  readonly rssBytes: number | null;
  readonly pssBytes: number | null;
  readonly utilisation: number | null;
  readonly connections: number | null;
  readonly requestsPerSecond: number | null;
}

/** The sum of what is known; null when nothing is. */
const sum = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
};

const workerRow = (name: string, worker: WorkerView): AppRow => ({
  ...worker,
  name,
  mark: unhealthyMark([worker]),
  namespace: null,
  isApp: false,
  addresses: [],
});

const appRow = (app: AppView): AppRow => {
  const { workers } = app;
  const only = workers.length === 1 ? workers[0] : undefined;
  return {
    name: app.name,
    namespace: app.namespace,
    state: app.state,
    mark: unhealthyMark(workers),
    isApp: true,
    generation: app.generation,
    addresses: app.addresses,
    pid: only?.pid ?? null,
    uptimeMs: only?.uptimeMs ?? null,
    restarts: workers.reduce((total, worker) => total + worker.restarts, 0),
    cpu: sum(workers.map((worker) => worker.cpu)),
    // Pages that workers share would count once each: only the proportional size adds up.
    rssBytes: only?.rssBytes ?? null,
    pssBytes: sum(workers.map((worker) => worker.pssBytes)),
    utilisation: only?.utilisation ?? null,
    connections: sum(workers.map((worker) => worker.connections)),
    requestsPerSecond: sum(workers.map((worker) => worker.requestsPerSecond)),
  };
};

/** An app's line, and below it one for each worker when there are several. */
export const rowsOf = (app: AppView): AppRow[] =>
  app.workers.length <= 1
    ? [appRow(app)]
    : [appRow(app), ...app.workers.map((worker) => workerRow(`  .${worker.slot}`, worker))];
