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

export const startNew = (spec: AppSpec, opening: Opening): AppRecord => ({
  name: spec.name,
  run: true,
  current: { number: 1, spec },
  previous: null,
  lastGeneration: 1,
  established: false,
  failure: null,
  underWay: underWay({ totals: NOTHING }, opening, { kind: 'start' }),
  totals: NOTHING,
});

const next = (
  record: AppRecord,
  spec: AppSpec,
): Pick<AppRecord, 'current' | 'previous' | 'lastGeneration'> => {
  const number = record.lastGeneration + 1;
  return { current: { number, spec }, previous: record.current, lastGeneration: number };
};

const patched = (record: AppRecord, patch: SpecPatch): AppSpec => applyPatch(record.current.spec, patch);

/** Starts a stopped or failed app again, with what the patch changes. */
export const startAgain = (record: AppRecord, patch: SpecPatch, opening: Opening): AppRecord => {
  if (record.run) throw new SkeinError('E_APP_EXISTS', { app: record.name });
  return {
    ...record,
    ...next(record, patched(record, patch)),
    run: true,
    established: false,
    failure: null,
    underWay: underWay(record, opening, { kind: 'start' }),
  };
};

export const restart = (record: AppRecord, patch: SpecPatch, opening: Opening): AppRecord =>
  record.run
    ? {
        ...record,
        ...next(record, patched(record, patch)),
        run: false,
        failure: null,
        underWay: underWay(record, opening, { kind: 'restart', phase: 'stopping' }),
      }
    : startAgain(record, patch, opening);

const rollout = (record: AppRecord, to: AppSpec, parallel: number, opening: Opening): AppRecord => {
  if (!record.run) throw new SkeinError('E_APP_STOPPED', { app: record.name });
  const back = { current: record.current, previous: record.previous };
  return {
    ...record,
    ...next(record, to),
    underWay: underWay(record, opening, { kind: 'rollout', parallel, back }),
  };
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

export const scale = (record: AppRecord, instances: number, opening: Opening): AppRecord => {
  if (!record.run) throw new SkeinError('E_APP_STOPPED', { app: record.name });
  return {
    ...record,
    current: withInstances(record.current, instances),
    underWay: underWay(record, opening, { kind: 'scale', from: record.current.spec.instances }),
  };
};

export const stop = (record: AppRecord, then: 'keep' | 'delete', opening: Opening): AppRecord => ({
  ...record,
  run: false,
  underWay: underWay(record, opening, { kind: 'stop', then }),
});

/** A worker of the wanted generation ended, or was not ready in time, while the change needed it. */
export const undo = (record: AppRecord, error: ErrorData): AppRecord => {
  const { underWay: now } = record;
  if (now === null) return record;
  if (now.undo !== null) return { ...record, underWay: { ...now, stuck: true } };
  const undone = { ...now, undo: error };
  switch (now.change.kind) {
    case 'start':
      return { ...record, run: false, failure: error, underWay: undone };
    case 'restart':
      return now.change.phase === 'stopping'
        ? record
        : { ...record, run: false, failure: error, underWay: undone };
    case 'rollout':
      return { ...record, ...now.change.back, underWay: undone };
    case 'scale':
      return { ...record, current: withInstances(record.current, now.change.from), underWay: undone };
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

/** What crashed before says nothing about an app that begins anew. */
export const beginsAnew = ({ underWay: now }: AppRecord): boolean =>
  now?.change.kind === 'start' || now?.change.kind === 'restart';

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
                run: true,
                established: false,
                underWay: { ...now, change: { kind: 'restart', phase: 'starting' } },
              },
            };
      if (now.undo !== null) return alive === 0 ? over('failed') : goOn;
      return settled ? over('succeeded', false, { established: true }) : goOn;
    case 'rollout':
      if (now.undo !== null) return others === 0 || stuck ? over('failed') : goOn;
      return settled ? over('succeeded', false, { established: true }) : goOn;
    case 'scale':
      if (!settled && !stuck) return goOn;
      return over(now.undo === null ? 'succeeded' : 'failed');
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
