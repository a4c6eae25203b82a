/**
 * What each verb means for an app's record, and how a change ends. Pure: the record in, the next
 * record out. `app.ts` keeps the record, saves it, and makes reality follow.
 */
import { applyPatch } from '../config/apply-patch.ts';
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { Operation, SpecPatch } from '../protocol/control.ts';
import { NOTHING } from './accounting.ts';
import type { WorkerFact } from './decide.ts';
import type { AppRecord, Change, ChangeUnderWay, Generation } from './store.ts';
import { isAlive } from './worker-state.ts';

export interface Opening {
  readonly operation: Operation;
  readonly refused: number;
}

const underWay = (
  record: Pick<AppRecord, 'totals'>,
  { operation, refused }: Opening,
  change: Change,
): ChangeUnderWay => ({
  operation,
  change,
  undo: null,
  before: record.totals,
  refusedBefore: refused,
  fullAt: null,
});

/** Known, and stopped. */
export const known = (spec: AppSpec): AppRecord => ({
  name: spec.name,
  run: false,
  current: { number: 1, spec },
  previous: null,
  lastGeneration: 1,
  established: false,
  failure: null,
  underWay: null,
  totals: NOTHING,
});

/** It is not begun before what it depends on is there. */
const awaiting = ({ dependsOn }: AppSpec): Pick<AppRecord, 'waits' | 'after'> => ({
  waits: dependsOn.length > 0 ? 'start' : null,
  after: [],
});

export const startNew = (spec: AppSpec, opening: Opening): AppRecord => ({
  ...known(spec),
  ...awaiting(spec),
  run: true,
  underWay: underWay({ totals: NOTHING }, opening, { kind: 'start' }),
});

const next = (
  record: AppRecord,
  spec: AppSpec,
): Pick<AppRecord, 'current' | 'previous' | 'lastGeneration'> => {
  const number = record.lastGeneration + 1;
  return { current: { number, spec }, previous: record.current, lastGeneration: number };
};

const patched = (record: AppRecord, patch: SpecPatch): AppSpec => applyPatch(record.current.spec, patch);

/** Starts a stopped or failed app again, with these settings. */
export const startAs = (record: AppRecord, spec: AppSpec, opening: Opening): AppRecord => {
  if (record.run) throw new SkeinError('E_APP_EXISTS', { app: record.name });
  return {
    ...record,
    ...next(record, spec),
    ...awaiting(spec),
    run: true,
    established: false,
    failure: null,
    underWay: underWay(record, opening, { kind: 'start' }),
  };
};

/** The same with what the patch changes. */
export const startAgain = (record: AppRecord, patch: SpecPatch, opening: Opening): AppRecord =>
  startAs(record, patched(record, patch), opening);

export const restartAs = (record: AppRecord, spec: AppSpec, opening: Opening): AppRecord =>
  record.run
    ? {
        ...record,
        ...next(record, spec),
        run: false,
        failure: null,
        underWay: underWay(record, opening, { kind: 'restart', phase: 'stopping' }),
      }
    : startAs(record, spec, opening);

export const restart = (record: AppRecord, patch: SpecPatch, opening: Opening): AppRecord =>
  restartAs(record, patched(record, patch), opening);

const rolling = (
  record: AppRecord,
  to: AppSpec,
  parallel: number,
): Pick<AppRecord, 'current' | 'previous' | 'lastGeneration'> & { readonly change: Change } => {
  const back = { current: record.current, previous: record.previous };
  return { ...next(record, to), change: { kind: 'rollout', parallel, back } };
};

/** Replaces the workers by those of a new generation, once its `before` hook has gone well. */
export const rollout = (record: AppRecord, to: AppSpec, parallel: number, opening: Opening): AppRecord => {
  if (!record.run) throw new SkeinError('E_APP_STOPPED', { app: record.name });
  if (to.hooks.before !== null)
    return { ...record, underWay: underWay(record, opening, { kind: 'prepare', parallel, to }) };
  const { change, ...generations } = rolling(record, to, parallel);
  return { ...record, ...generations, underWay: underWay(record, opening, change) };
};

export const reload = (record: AppRecord, patch: SpecPatch, parallel: number, opening: Opening): AppRecord =>
  rollout(record, patched(record, patch), parallel, opening);

/** Back to the settings of the previous generation, as a generation of its own. */
export const rollback = (record: AppRecord, opening: Opening): AppRecord => {
  if (record.previous === null) throw new SkeinError('E_NO_PREVIOUS', { app: record.name });
  return rollout(record, record.previous.spec, 1, opening);
};

const withInstances = ({ number, spec }: Generation, instances: number): Generation => ({
  number,
  spec: { ...spec, instances },
});

/** Other settings that no worker needs to be replaced for, the number of workers among them. */
export const scaleAs = (record: AppRecord, spec: AppSpec, opening: Opening): AppRecord => {
  if (!record.run) throw new SkeinError('E_APP_STOPPED', { app: record.name });
  return {
    ...adjusted(record, spec),
    underWay: underWay(record, opening, { kind: 'scale', from: record.current.spec.instances }),
  };
};

export const scale = (record: AppRecord, instances: number, opening: Opening): AppRecord =>
  scaleAs(record, { ...record.current.spec, instances }, opening);

/** Settings that only the supervisor follows, or any of an app that does not run. */
export const adjusted = (record: AppRecord, spec: AppSpec): AppRecord => ({
  ...record,
  current: { number: record.current.number, spec },
});

/** The same where balancers have to go by them first: what they refuse is taken back. */
export const settings = (record: AppRecord, spec: AppSpec, opening: Opening): AppRecord => ({
  ...adjusted(record, spec),
  underWay: underWay(record, opening, { kind: 'settings', from: record.current.spec }),
});

/** One that finds a stop under way joins it; of stop and delete the second is done. */
export const stop = (record: AppRecord, then: 'keep' | 'delete', opening: Opening): AppRecord => {
  const { underWay: now } = record;
  if (now?.change.kind !== 'stop')
    return {
      ...record,
      run: false,
      waits: null,
      underWay: underWay(record, opening, { kind: 'stop', then }),
    };
  if (then === 'keep' || now.change.then === 'delete') return record;
  const operation = { ...now.operation, verb: opening.operation.verb };
  return { ...record, underWay: { ...now, operation, change: { kind: 'stop', then } } };
};

export const isStop = ({ underWay: now }: AppRecord): boolean => now?.change.kind === 'stop';

/** Its workers are to be started, now or when the old ones have ended. */
export const isStart = ({ underWay: now }: AppRecord): boolean =>
  now?.change.kind === 'start' || now?.change.kind === 'restart';

/** The settings it will have when the change under way has succeeded. */
export const wantedSpec = ({ underWay: now, current }: AppRecord): AppSpec =>
  now?.change.kind === 'prepare' ? now.change.to : current.spec;

/** A worker of the wanted generation ended, or was not ready in time, while the change needed it. */
export const undo = (record: AppRecord, error: ErrorData): AppRecord => {
  const { underWay: now } = record;
  if (now === null) return record;
  if (now.undo !== null) return { ...record, underWay: { ...now, stuck: true } };
  const undone = { ...now, undo: error };
  switch (now.change.kind) {
    case 'start':
      return { ...record, run: false, waits: null, failure: error, underWay: undone };
    case 'restart':
      return now.change.phase === 'stopping'
        ? record
        : { ...record, run: false, waits: null, failure: error, underWay: undone };
    case 'prepare':
      return { ...record, underWay: undone };
    case 'rollout':
      return { ...record, ...now.change.back, underWay: undone };
    case 'scale':
      return { ...record, current: withInstances(record.current, now.change.from), underWay: undone };
    case 'settings':
      return { ...adjusted(record, now.change.from), underWay: undone };
    case 'stop':
      return record;
  }
};

/** The change cannot go on, nor back: what is there stays, or stops if it was only just started. */
export const abandon = (record: AppRecord, error: ErrorData): AppRecord => {
  if (record.underWay === null || record.underWay.change.kind === 'stop') return record;
  const undone = undo(record, error);
  return { ...undone, underWay: { ...record.underWay, undo: record.underWay.undo ?? error, stuck: true } };
};

/** Why a change ends that another one replaces. */
export const abandonedFor = ({ operation }: ChangeUnderWay, { name, underWay: by }: AppRecord): ErrorData =>
  new SkeinError('E_ABANDONED', {
    app: name,
    verb: operation.verb,
    reason: `${by?.operation.verb ?? 'another command'} was asked for`,
  }).toData();

export interface Progress {
  readonly settled: boolean;
  /** Every wanted slot is ready, whatever else is still draining. */
  readonly full: boolean;
  readonly alive: number;
  /** Live workers of another than the wanted generation. */
  readonly others: number;
  readonly now: number;
}

export const progressAt = (
  { number, spec }: Generation,
  workers: readonly WorkerFact[],
  settled: boolean,
  now: number,
): Progress => {
  const alive = workers.filter(({ state }) => isAlive(state));
  const ready = alive.filter(
    ({ slot, generation, state }) => state.name === 'ready' && generation === number && slot < spec.instances,
  );
  return {
    settled,
    full: new Set(ready.map(({ slot }) => slot)).size >= spec.instances,
    alive: alive.length,
    others: alive.filter(({ generation }) => generation !== number).length,
    now,
  };
};

export type Step =
  | { readonly then: 'go-on'; readonly record: AppRecord }
  | { readonly then: 'succeeded' | 'failed'; readonly record: AppRecord; readonly remove: boolean };

const withChange = (record: AppRecord, change: Change): AppRecord =>
  record.underWay === null ? record : { ...record, underWay: { ...record.underWay, change, hookPid: null } };

/** The hook under way has a process. */
export const hookRuns = (record: AppRecord, hookPid: number): AppRecord =>
  record.underWay === null ? record : { ...record, underWay: { ...record.underWay, hookPid } };

/** The hook under way went well. */
export const hookRan = (record: AppRecord): AppRecord => {
  const change = record.underWay?.change;
  if (change?.kind === 'rollout') return withChange(record, { ...change, after: 'ran' });
  if (change?.kind !== 'prepare') return record;
  const { change: rolls, ...generations } = rolling(record, change.to, change.parallel);
  return withChange({ ...record, ...generations }, rolls);
};

/** How far the change under way has come. */
export const advance = (record: AppRecord, progress: Progress): Step => {
  const { underWay: now } = record;
  if (now === null) return { then: 'go-on', record };
  const { settled, full, alive, others } = progress;
  const over = (then: 'succeeded' | 'failed', remove = false, changes: Partial<AppRecord> = {}): Step => ({
    then,
    record: { ...record, ...changes, underWay: null },
    remove,
  });
  const goOn: Step = {
    then: 'go-on',
    record: full && now.fullAt === null ? { ...record, underWay: { ...now, fullAt: progress.now } } : record,
  };
  const { change, stuck = false } = now;
  const { hooks } = record.current.spec;
  switch (change.kind) {
    case 'start':
      if (now.undo !== null) return alive === 0 ? over('failed') : goOn;
      return settled ? over('succeeded', false, { established: true }) : goOn;
    case 'restart':
      if (change.phase === 'stopping')
        return alive > 0
          ? { then: 'go-on', record }
          : {
              then: 'go-on',
              record: {
                ...record,
                ...awaiting(record.current.spec),
                run: true,
                established: false,
                underWay: { ...now, change: { kind: 'restart', phase: 'starting' } },
              },
            };
      if (now.undo !== null) return alive === 0 ? over('failed') : goOn;
      return settled ? over('succeeded', false, { established: true }) : goOn;
    case 'prepare':
      return now.undo !== null ? over('failed') : { then: 'go-on', record };
    case 'rollout':
      if (now.undo !== null) return others === 0 || stuck ? over('failed') : goOn;
      if (full && hooks.after !== null && change.after === undefined)
        return { then: 'go-on', record: withChange(goOn.record, { ...change, after: 'runs' }) };
      return settled && change.after !== 'runs' ? over('succeeded', false, { established: true }) : goOn;
    case 'scale':
      if (!settled && !stuck) return goOn;
      return over(now.undo === null ? 'succeeded' : 'failed');
    case 'settings':
      if (now.undo !== null) return over('failed');
      return settled ? over('succeeded') : goOn;
    case 'stop':
      return alive === 0 ? over('succeeded', change.then === 'delete', { failure: null }) : goOn;
  }
};

/** Whether a worker that ends by itself now makes the change fail. */
export const needsEveryWorker = (record: AppRecord, wasReady: boolean): boolean => {
  const { underWay } = record;
  if (underWay === null) return false;
  const { kind } = underWay.change;
  // The way back: a worker that cannot even start will not come by waiting for it.
  if (underWay.undo !== null) return (kind === 'rollout' || kind === 'scale') && !wasReady;
  // During a rollout a release that crashes soon after it was ready is broken too.
  return kind === 'rollout' || ((kind === 'start' || kind === 'restart' || kind === 'scale') && !wasReady);
};
