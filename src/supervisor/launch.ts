/** From a generation and a slot to a worker that is on its way, and to one that has been for long. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ChildInfo, WorkerTag } from '../protocol/holder.ts';
import { OutputTail } from './output.ts';
import { spawnCommand } from './spawn-command.ts';
import type { Generation } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { WorkerHandle } from './worker-handle.ts';

/** Asks the holder for the process. */
export const launch = ({ number, spec }: Generation, slot: number, around: Surroundings): WorkerHandle => {
  const tag: WorkerTag = {
    id: around.newId(),
    app: spec.name,
    slot,
    generation: number,
    accept: spec.accept,
    alone: spec.instances === 1,
  };
  around.holder.send(spawnCommand(spec, tag, around.places));
  return new WorkerHandle(tag, spec, around.now(), new OutputTail());
};

/**
 * A worker that an earlier supervisor started. A program has been running without us; a worker
 * with the preload counts as starting until its hello says how it is.
 */
export const adopted = ({ tag, pid, startedAt }: ChildInfo, spec: AppSpec): WorkerHandle => {
  const worker = new WorkerHandle(tag, spec, startedAt, new OutputTail());
  worker.pid = pid;
  worker.adopted = true;
  if (spec.kind === 'program') worker.state = { name: 'ready', since: startedAt };
  return worker;
};
