/** From a generation and a slot to a worker that is on its way, and to one that has been for long. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ChildInfo, WorkerTag } from '../protocol/holder.ts';
import { sendAs } from './launch-as.ts';
import { OutputTail } from './logs/output-tail.ts';
import { spawnCommand } from './spawn-command.ts';
import type { AppRecord, Generation, RestingSlot } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { WorkerHandle } from './worker-handle.ts';
import { isAlive } from './worker-state.ts';

const tagOf = ({ number, spec }: Generation, slot: number, id: string): WorkerTag => ({
  id,
  app: spec.name,
  slot,
  generation: number,
  accept: spec.accept,
  alone: spec.instances === 1,
  ...((spec.balancer?.frontOf ?? null) !== null && { frontOf: spec.balancer!.frontOf! }),
});

/** Asks the holder for the process. */
export const launch = (generation: Generation, slot: number, around: Surroundings): WorkerHandle => {
  const { spec } = generation;
  const tag = tagOf(generation, slot, around.newId());
  const worker = new WorkerHandle(tag, spec, around.now(), new OutputTail());
  const command = spawnCommand(spec, tag, around.places);
  if (spec.runAs === null) around.holder.send(command);
  else void sendAs(worker, command, spec.runAs, around);
  return worker;
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

/** A slot whose worker ended under an earlier supervisor: the next one must not fill it sooner. */
export const rested = (
  { slot, generation, state }: RestingSlot,
  { current }: AppRecord,
  around: Surroundings,
): WorkerHandle => {
  const tag = tagOf({ ...current, number: generation }, slot, around.newId());
  const worker = new WorkerHandle(tag, current.spec, state.since, new OutputTail());
  worker.state = state;
  worker.gone = true;
  return worker;
};

/** What of these workers is to be remembered for it. */
export const restingSlots = (workers: readonly WorkerHandle[]): RestingSlot[] =>
  workers
    .filter(({ state }) => !isAlive(state))
    .map(({ tag: { slot, generation }, state }) => ({ slot, generation, state }));
