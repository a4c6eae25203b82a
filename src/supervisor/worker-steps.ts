/**
 * One worker on its way from its start to its stop signal: what each step does to its state, to the
 * process, and whom it tells. Which step is next is decided elsewhere (`decide.ts`, `readiness.ts`).
 */
import type { WorkerPhase } from '../protocol/worker.ts';
import type { App } from './app.ts';
import { watchReadiness } from './readiness.ts';
import type { WorkerHandle } from './worker-handle.ts';
import type { WorkerEvent } from './worker-state.ts';
import { transition } from './worker-state.ts';

/** Waits for a starting worker to be ready; `onTimeout` when it was not in time. */
export const watch = (app: App, worker: WorkerHandle, onTimeout: () => void): void => {
  worker.readiness = watchReadiness({
    worker,
    isServer: () => app.sockets.addresses.length > 0,
    onReady: () => {
      step(app, worker, { type: 'ready' });
      app.reconcile();
    },
    onTimeout,
  });
};

/** A worker says where it stands. No event when it was so before this supervisor was. */
export const believe = (app: App, worker: WorkerHandle, phase: WorkerPhase): void => {
  // It was blocked, or between two connections, when it was told.
  if (worker.leaving) return;
  if (worker.state.name === 'draining' && (phase === 'ready' || phase === 'starting'))
    return sayDrain(app, worker, Math.max(0, worker.state.limitAt - app.around.now()));
  if (worker.state.name !== 'starting' || phase === 'starting') return;
  // That it runs is for the readiness to say, after a while.
  if (!worker.adopted && worker.spec.ready.kind === 'started') return;
  if (worker.adopted) {
    worker.readiness?.close();
    worker.state = { name: 'ready', since: worker.startedAt };
  } else step(app, worker, { type: 'ready' });
  if (phase === 'draining') step(app, worker, { type: 'drain', limitMs: worker.spec.drainTimeoutMs });
  if (phase === 'drained') stop(app, worker);
};

export const drain = (app: App, worker: WorkerHandle): void => {
  const limitMs = worker.spec.drainTimeoutMs;
  // Without a preload that could drain, its own signal must do.
  if (worker.spec.kind === 'program') return stop(app, worker);
  const { balancing } = app.around;
  const ends = isEnding(app);
  step(app, worker, { type: 'drain', limitMs: limitMs + balancing.leavingMs(worker, ends) });
  worker.leaving = true;
  balancing.leave(worker, ends, (complete) => {
    worker.leaving = false;
    if (worker.state.name === 'draining') sayDrain(app, worker, limitMs, complete);
  });
};

/** All of its workers end, so nobody is there to take anything over. */
const isEnding = ({ record }: App): boolean => {
  const why = record.underWay?.change.kind;
  return why === 'stop' || why === 'restart';
};

const sayDrain = (app: App, worker: WorkerHandle, limitMs: number, letGo = false): void => {
  worker.send({ type: 'drain', limitMs, closeIdle: isEnding(app), ...(letGo && { letGo }) });
};

/** Sends the stop signal, once. */
export const stop = (app: App, worker: WorkerHandle): void => {
  if (worker.state.name === 'stopping') return;
  step(app, worker, { type: 'stop', killTimeoutMs: worker.spec.killTimeoutMs });
  sayStop(app, worker);
};

/**
 * Where the app has hooks, the worker runs them and then raises the signal itself. A worker that has
 * no preload, or does not speak, gets a signal in place of the message.
 */
const sayStop = (app: App, worker: WorkerHandle): void => {
  const { kind, stopSignal } = worker.spec;
  const speaks = kind === 'node' && worker.connected;
  if (stopSignal === 'message' && speaks) worker.send({ type: 'shutdown' });
  else if (stopSignal === 'message') app.around.signal(worker, 'SIGTERM', false);
  else if (speaks && worker.hooks !== 'none') worker.send({ type: 'shutdown', signal: stopSignal });
  else app.around.signal(worker, stopSignal, false);
};

/** Takes the worker to its next state, and tells of it where it is a new one. */
export const step = (app: App, worker: WorkerHandle, event: WorkerEvent): void => {
  const before = worker.state;
  worker.state = transition(before, event, app.around.now());
  if (worker.state.name === before.name) return;
  const { pid, tag } = worker;
  const { slot } = tag;
  if (worker.state.name === 'draining') app.tell(worker, 'worker-draining', `worker ${slot} drains`);
  if (worker.state.name !== 'ready') return;
  worker.readiness?.close();
  app.tell(worker, 'worker-ready', `worker ${slot} is ready`);
  const report = app.crashes.repaired(slot, app.moment());
  if (report === null) return;
  const text = `worker ${slot} is back after ${report.fullCapacityMs} ms`;
  app.around.emit({ kind: 'worker-replaced', app: app.name, slot, pid, text, report });
};
