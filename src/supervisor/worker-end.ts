/** How a worker ends, or does not come up, and what that means for the change that needed it. */
import { formatDuration } from '../core/duration.ts';
import type { Exit } from '../protocol/holder.ts';
import { add, finalTotals } from './accounting.ts';
import { isWanted } from './adoption.ts';
import type { App } from './app.ts';
import { needsEveryWorker, undo } from './changes.ts';
import { crashEvent } from './crash-event.ts';
import type { Moment } from './crashes.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import { describeExit, isWantedEnd } from './restart-policy.ts';
import type { WorkerHandle } from './worker-handle.ts';
import type { Verdict } from './worker-state.ts';
import { transition } from './worker-state.ts';
import { stop } from './worker-steps.ts';

/** It was not ready in time. */
export const notReady = (app: App, worker: WorkerHandle): void => {
  if (worker.state.name !== 'starting') return;
  const failure: Failure = { kind: 'not-ready' };
  if (!failed(app, worker, failure, false))
    app.tell(worker, 'worker-failed', failureOf(worker, failure).message);
  app.crashes.note(worker.tag.slot, app.around.now());
  stop(app, worker);
  app.reconcile();
};

/** Its process has ended, or there never was one. */
export const endWorker = (app: App, worker: WorkerHandle, exit: Exit, failure: Failure): void => {
  const { tag, state } = worker;
  const now = app.around.now();
  worker.gone = true;
  worker.readiness?.close();
  // `totals` leaves out what has gone; here it still belongs to the time before the crash.
  const before = { ...app.moment(), totals: add(app.totals, worker.stats) };
  app.record = { ...app.record, totals: add(app.record.totals, finalTotals(worker.stats)) };
  const verdict = app.crashes.verdict(tag.slot, worker.spec.restart, exit, now, app.around.random);
  worker.state = transition(state, { type: 'exited', exit, verdict }, now);
  app.lastExit = exit;
  if (state.name !== 'starting' && state.name !== 'ready')
    app.tell(
      worker,
      'worker-exited',
      `worker ${tag.slot} ended with ${describeExit(exit)}${cutShort(worker)}`,
    );
  else if (
    isWantedEnd(worker.spec.restart, exit, verdict) ||
    !failed(app, worker, failure, state.name === 'ready')
  )
    crashed(app, worker, exit, failure, verdict, before);
  app.around.changed();
  app.reconcile();
  app.around.checkStopped(app);
};

/** Why it was killed, where the app can be told. */
const cutShort = ({ state, hooks, spec }: WorkerHandle): string =>
  state.name === 'stopped' && hooks === 'running'
    ? `: its shutdown hooks were not done within ${formatDuration(spec.killTimeoutMs)}`
    : '';

const crashed = (
  app: App,
  worker: WorkerHandle,
  exit: Exit,
  failure: Failure,
  verdict: Verdict,
  before: Moment,
): void => {
  const { slot } = worker.tag;
  if (verdict.then !== 'stay-stopped') app.crashes.note(slot, before.now);
  if (verdict.then === 'restart') app.crashes.repair(slot, before);
  if (failure.kind !== 'exited') app.tell(worker, 'worker-failed', failureOf(worker, failure).message);
  const { kind, text } = crashEvent(slot, exit, verdict, worker.stats.inFlight);
  app.tell(worker, kind, text);
  if (verdict.then === 'restart' && verdict.afterMs > 0)
    app.tell(worker, 'worker-backing-off', `worker ${slot} waits ${verdict.afterMs} ms`);
};

/** False when nothing under way needed this worker. */
const failed = (app: App, worker: WorkerHandle, failure: Failure, wasReady: boolean): boolean => {
  if (!isWanted(app.record, worker.tag) || !needsEveryWorker(app.record, wasReady)) return false;
  const error = failureOf(worker, failure);
  app.record = undo(app.record, error);
  app.tell(worker, 'worker-failed', error.message);
  app.around.changed();
  return true;
};
