/** A worker did not get an address that its app asked for. */
import type { HolderEvent } from '../protocol/holder.ts';
import type { NewEvent } from './events.ts';
import type { WorkerHandle } from './worker-handle.ts';

type BindFailed = Extract<HolderEvent, { event: 'bind-failed' }>;

/** Keeps it for the error of a worker that fails by it; gives the event to tell, if there is one. */
export const noteBindFailure = (
  worker: WorkerHandle,
  { address, code, heldBy }: BindFailed,
): NewEvent | null => {
  if (code !== 'EADDRINUSE') return null;
  worker.bindFailure = { address, heldBy };
  const by = heldBy === null ? 'another program' : `the app ${heldBy}`;
  const { app, slot } = worker.tag;
  return { kind: 'address-in-use', app, slot, pid: worker.pid, text: `${address} is held by ${by}` };
};
