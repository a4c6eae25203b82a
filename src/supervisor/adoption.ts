/** What a new supervisor may conclude about workers that do not speak to it. Pure. */
import type { WorkerTag } from '../protocol/holder.ts';
import type { AppRecord } from './store.ts';
import type { WorkerHandle } from './worker-handle.ts';

/**
 * Whether a worker has lived longer than it had time to become ready: silent, it is blocked. A
 * younger one may still be loading, and to take that one for ready would end the workers that serve.
 */
export const isPastStart = (
  { spec, startedAt }: Pick<WorkerHandle, 'spec' | 'startedAt'>,
  now: number,
): boolean => spec.kind === 'node' && now - startedAt >= spec.readyTimeoutMs;

/** Whether the app, as it is to be, has a place for this worker. */
export const isWanted = (
  { run, current }: Pick<AppRecord, 'run' | 'current'>,
  { slot, generation }: Pick<WorkerTag, 'slot' | 'generation'>,
): boolean => run && generation === current.number && slot < current.spec.instances;
