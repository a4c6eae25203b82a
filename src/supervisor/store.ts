/**
 * What the supervisor remembers over its own death: the apps, what is wanted of them, and the
 * change under way in each. Written whole and atomically (rename(2)) at every change.
 */
import { readFileSync } from 'node:fs';
import { defaults } from '../config/defaults.ts';
import type { ErrorData } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { UpstreamOverride } from '../protocol/balancer-view.ts';
import type { Operation } from '../protocol/control.ts';
import type { Totals } from './accounting.ts';
import type { WorkerState } from './worker-state.ts';

export interface Generation {
  readonly number: number;
  readonly spec: AppSpec;
}

/** What an operation under way does to an app. One at a time for each app. */
export type Change =
  | { readonly kind: 'start' }
  | { readonly kind: 'restart'; readonly phase: 'stopping' | 'starting' }
  | { readonly kind: 'stop'; readonly then: 'keep' | 'delete' }
  | { readonly kind: 'scale'; readonly from: number }
  /** Settings that balancers go by: it is over when they all do. */
  | { readonly kind: 'settings'; readonly from: AppSpec }
  /** The `before` hook of a rollout runs; nothing has been touched. */
  | { readonly kind: 'prepare'; readonly parallel: number; readonly to: AppSpec }
  | {
      readonly kind: 'rollout';
      readonly parallel: number;
      readonly back: { readonly current: Generation; readonly previous: Generation | null };
      /** How far the `after` hook is; absent: not begun, or there is none. */
      readonly after?: 'runs' | 'ran';
    };

export interface ChangeUnderWay {
  readonly operation: Operation;
  readonly change: Change;
  /** Why it is being undone; null while it goes forward. */
  readonly undo: ErrorData | null;
  /** The way back fails as well: nothing more is waited for. */
  readonly stuck?: boolean;
  /** The process of the hook that runs, for who has to end it before running it again. */
  readonly hookPid?: number | null;
  readonly before: Totals;
  readonly refusedBefore: number;
  readonly fullAt: number | null;
}

export interface AppRecord {
  readonly name: string;
  readonly run: boolean;
  /** The id of each slot; one is given when the slot is first used. */
  readonly ids?: readonly number[];
  /** It is to run, and is not begun before what it depends on is there: at a start, or when the
   *  machine comes up again. */
  readonly waits?: 'start' | 'boot' | null;
  /** Apps that are to have ended before this one is begun: they may hold its addresses. */
  readonly after?: readonly string[];
  readonly current: Generation;
  readonly previous: Generation | null;
  /** The highest number ever given. */
  readonly lastGeneration: number;
  /** Was at full capacity once since it was started: from then on a crash is restarted, before it
   *  the start has failed. */
  readonly established: boolean;
  readonly failure: ErrorData | null;
  readonly underWay: ChangeUnderWay | null;
  readonly totals: Totals;
  /** Slots that are not filled, or not yet, because of how their worker ended. */
  /** Up to when times of the calendar have been dealt with; null or absent: none is waited for. */
  readonly cronSeen?: number | null;
  readonly resting?: readonly RestingSlot[];
  readonly crashes?: readonly SlotCrashes[];
  /** What commands have said about upstreams, by their place: see balancing/overrides.ts. */
  readonly upstreams?: Readonly<Record<string, UpstreamOverride>>;
}

export interface RestingSlot {
  readonly slot: number;
  readonly generation: number;
  readonly state: WorkerState;
}

export interface SlotCrashes {
  readonly slot: number;
  /** Those of the sliding window. */
  readonly times: readonly number[];
  readonly restarts: number;
}

export interface State {
  readonly format: 1;
  readonly apps: readonly AppRecord[];
  /** The operations that ended last, for who asks after a change of supervisors. */
  readonly ended: readonly Operation[];
  /** When the holder was started under which this was so. */
  readonly holder?: number;
  /** When the holder was started that is to end with the last app; absent: none is. */
  readonly closing?: number | undefined;
  /** The id of the next slot that is used for the first time. */
  readonly nextId?: number;
  /** Apps that were deleted, and whose stores the state server may still have. */
  readonly undropped?: readonly string[];
}

export const NOTHING_SAVED: State = { format: 1, apps: [], ended: [] };

/** A spec of an older version has not all settings: those that are not there have their defaults. */
const completed = (key: string, value: unknown): unknown =>
  (key === 'spec' || key === 'to') && typeof value === 'object' && value !== null && 'saveSecrets' in value
    ? { ...defaults, ...value }
    : value;

/** The saved state; null when there is none. Throws when the file is there but not readable as one. */
export const loadState = (file: string): State | null => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const state = JSON.parse(text, completed) as Partial<State> | null;
  if (state?.format !== 1 || !Array.isArray(state.apps))
    throw new Error(`${file} is not a state file of this version`);
  return { ...NOTHING_SAVED, ...state };
};
