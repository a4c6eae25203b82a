/** What one app needs of the supervisor around it: its only way to the world. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { Operation } from '../protocol/control.ts';
import type { App } from './app.ts';
import type { Balancing } from './balancing/balancing.ts';
import type { NewEvent } from './events.ts';
import type { Failure } from './failure.ts';
import type { HolderClient, RawHandle } from './holder-client.ts';
import type { Hook, HookOutcome } from './hook-runner.ts';
import type { Stream } from '../logs/paths.ts';
import type { Places } from './spawn-command.ts';
import type { OtherApps } from './waiting.ts';
import type { WorkerHandle } from './worker-handle.ts';

export interface Surroundings extends OtherApps {
  readonly holder: HolderClient;
  readonly places: Places;
  readonly balancing: Pick<Balancing, 'follow' | 'gone' | 'isFronted' | 'isPossible' | 'leave' | 'leavingMs'>;
  now(): number;
  random(): number;
  newId(): string;
  /** Of a slot that is used for the first time. */
  newSlotId(): number;
  /** Connections dropped by the kernel so far. */
  refused(): number;
  emit(event: NewEvent): void;
  /** The record has changed: save it. */
  changed(): void;
  ended(operation: Operation): void;
  removed(app: App): void;
  /** A worker that was launched will not come. */
  spawnFailed(id: string, failure: Failure): void;
  /** A worker ended: the app may have come to rest. */
  checkStopped(app: App): void;
  /** Those that depend on this app, or that it depends on, are to look at it again. */
  standingChanged(): void;
  runHook(hook: Hook): Promise<HookOutcome>;
  /** Ends what is left of a hook that an earlier supervisor began. */
  endHook(pid: number): Promise<void>;
  /** To the worker or to its whole process group. */
  signal(worker: WorkerHandle, signal: string, group: boolean): void;
  /** Throws E_LOG_FILE when the logs of this app cannot be written. */
  checkLogs(spec: AppSpec): void;
  readOutput(worker: WorkerHandle, stream: Stream, handle: RawHandle): Promise<void>;
}
