/** A worker that is to be another user's process: whether that can be, and the command for it. */
import { userInfo } from 'node:os';
import { SkeinError, asSkeinError } from '../core/errors.ts';
import type { UserSwitch } from '../os/switch-user.ts';
import { asUser, findUserSwitch, isSelf } from '../os/switch-user.ts';
import type { AppSpec, RunAs } from '../protocol/app-spec.ts';
import type { HolderCommand } from '../protocol/holder.ts';
import type { Surroundings } from './surroundings.ts';
import { mustBeAbleToRun, needsOf } from './user-access.ts';
import type { WorkerHandle } from './worker-handle.ts';

type Spawn = Extract<HolderCommand, { verb: 'spawn' }>;

let known: Promise<UserSwitch> | undefined;

/** The same worker as that user. @throws SkeinError E_USER, E_USER_FILES */
const commandAs = async (
  command: Spawn,
  spec: AppSpec,
  runAs: RunAs,
  preload: string,
): Promise<HolderCommand> => {
  if (isSelf(runAs)) return command;
  const app = spec.name;
  if (process.geteuid?.() !== 0) {
    const reason = `Skein runs as ${userInfo().username}, and only root may become another user`;
    throw new SkeinError('E_USER', { app, user: runAs.user, reason });
  }
  known ??= findUserSwitch();
  const how = await known;
  await mustBeAbleToRun({ app, needs: needsOf(spec, preload), runAs, preload }, how);
  return { ...command, ...asUser(command, runAs, how), runAs };
};

/**
 * Asks the holder for the worker once it is clear that its user can run the app. Looking takes some
 * milliseconds, in which the worker may be stopped.
 */
export const sendAs = async (
  worker: WorkerHandle,
  command: Spawn,
  runAs: RunAs,
  { holder, places, spawnFailed }: Pick<Surroundings, 'holder' | 'places' | 'spawnFailed'>,
): Promise<void> => {
  const { id } = worker.tag;
  try {
    const allowed = await commandAs(command, worker.spec, runAs, places.preload);
    if (worker.state.name === 'starting') holder.send(allowed);
    else spawnFailed(id, { kind: 'spawn', reason: 'it was stopped before' });
  } catch (error) {
    spawnFailed(id, { kind: 'refused', error: asSkeinError(error).toData() });
  }
};
