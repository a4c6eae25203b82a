/** One app without processes: what it asks of the holder is written down, what happens is told by the test. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import type { Operation } from '../../../src/protocol/control.ts';
import type { HolderCommand } from '../../../src/protocol/holder.ts';
import type { FromWorker, ToWorker, WorkerPhase } from '../../../src/protocol/worker.ts';
import { NO_STATS } from '../../../src/supervisor/accounting.ts';
import { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import type { Standing } from '../../../src/supervisor/dependencies.ts';
import type { NewEvent } from '../../../src/supervisor/events.ts';
import type { Hook, HookOutcome } from '../../../src/supervisor/hook-runner.ts';
import type { AppRecord } from '../../../src/supervisor/store.ts';
import type { Surroundings } from '../../../src/supervisor/surroundings.ts';
import type { WorkerHandle } from '../../../src/supervisor/worker-handle.ts';
import { appSpec } from '../support/app-spec.ts';

export interface Fake {
  readonly around: Surroundings;
  readonly commands: HolderCommand[];
  readonly signals: { readonly id: string; readonly signal: string; readonly group: boolean }[];
  readonly events: NewEvent[];
  readonly ended: Operation[];
  /** How other apps stand; an app that is not here is not known. */
  readonly others: Map<string, Standing>;
  /** Who is to stop before the app does. */
  stopsBefore: string | null;
  /** Each hook that was begun, with what ends it. */
  readonly hooks: { readonly hook: Hook; readonly end: (outcome: HookOutcome) => void }[];
  /** The processes of hooks that an earlier supervisor had begun. */
  readonly endedHooks: number[];
  /** The clock. */
  now: number;
}

export const fakeSurroundings = (): Fake => {
  let ids = 0;
  let slotIds = 0;
  const fake: Fake = {
    commands: [],
    signals: [],
    events: [],
    ended: [],
    others: new Map(),
    stopsBefore: null,
    hooks: [],
    endedHooks: [],
    now: 1_000_000,
    around: {
      holder: { pid: 1, alive: true, send: (command) => void fake.commands.push(command) },
      places: {
        preload: '/preload.js',
        balancer: '/balancer.js',
        socket: '/workers.sock',
        stateSocket: '/state.sock',
        threads: 2,
      },
      balancing: {
        follow: () => {},
        gone: () => {},
        isFronted: () => true,
        leavingMs: () => 0,
        isPossible: true,
        leave: (_worker, _ends, done) => done(false),
      },
      now: () => fake.now,
      random: () => 0.5,
      newId: () => `id${(ids += 1)}`,
      newSlotId: () => slotIds++,
      refused: () => 0,
      standing: (app) => fake.others.get(app) ?? 'unknown',
      stopsBefore: () => fake.stopsBefore,
      standingChanged: () => {},
      endHook: (pid) => Promise.resolve(void fake.endedHooks.push(pid)),
      runHook: (hook) => new Promise((end) => fake.hooks.push({ hook, end })),
      emit: (event) => void fake.events.push(event),
      changed: () => {},
      ended: (operation) => void fake.ended.push(operation),
      removed: () => {},
      spawnFailed: () => {},
      checkStopped: () => {},
      signal: ({ tag }, signal, group) => void fake.signals.push({ id: tag.id, signal, group }),
      checkLogs: () => {},
      readOutput: () => Promise.resolve(),
    },
  };
  return fake;
};

export const operation = (verb: Operation['verb'], startedAt = 0): Operation => ({
  id: `${verb}-${startedAt}`,
  verb,
  app: 'api',
  state: 'running',
  startedAt,
  endedAt: null,
  progress: '',
  error: null,
  report: null,
});

export const opening = (verb: Operation['verb'], startedAt = 0): changes.Opening => ({
  operation: operation(verb, startedAt),
  refused: 0,
});

export const startedRecord = (spec: Partial<AppSpec> = {}): AppRecord => ({
  ...changes.startNew(appSpec(spec), opening('start')),
  established: true,
  underWay: null,
});

const KEY = 'tcp:3000';

/** What the supervisor has said to this worker. */
export const connect = (
  app: App,
  worker: WorkerHandle,
  phase: WorkerPhase,
  more: Partial<Extract<FromWorker, { type: 'hello' }>> = {},
): ToWorker[] => {
  const said: ToWorker[] = [];
  const socket = Object.assign(new EventEmitter(), {
    write: (line: string) => said.push(JSON.parse(line) as ToWorker) > 0,
    destroy: () => {},
  });
  worker.attach(socket as unknown as Socket);
  const ready = phase !== 'starting';
  app.heard(worker, {
    type: 'hello',
    protocol: 1,
    id: worker.tag.id,
    pid: 7,
    node: 'v24',
    phase,
    listening: ready ? [{ key: KEY, address: '[::]:3000', kind: 'http' }] : [],
    serving: ready ? [{ key: KEY, slot: worker.tag.slot }] : [],
    stats: NO_STATS,
    ...more,
  });
  return said;
};

/** Of a slot, the one that was started last. */
export const workerOf = (app: App, slot: number): WorkerHandle => {
  const worker = [...app.workers.values()].findLast(({ tag }) => tag.slot === slot);
  if (worker === undefined) throw new Error(`no worker in slot ${slot}`);
  return worker;
};

/** Every worker that starts becomes ready. */
export const bringUp = (app: App): void => {
  for (const worker of app.workers.values())
    if (worker.state.name === 'starting') {
      app.spawned(worker.tag.id, 100 + worker.tag.slot, 0);
      connect(app, worker, 'ready');
    }
};

export const newApp = (fake: Fake, spec: Partial<AppSpec> = {}): App => {
  const app = new App(changes.startNew(appSpec(spec), opening('start')), fake.around);
  app.change(app.record);
  return app;
};
