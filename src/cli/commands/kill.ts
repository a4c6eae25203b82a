/** `skein kill`: stops every app, then Skein itself. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import { isGone } from '../../control/client/retry.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Home } from '../../os/home.ts';
import { killSupervisorOf } from '../../os/hung-supervisor.ts';
import { stateServersOf, workersOf } from '../../os/orphans.ts';
import { processExists, signalProcess } from '../../os/proc.ts';
import { readSavedList } from '../../os/saved-list.ts';
import type { Operation } from '../../protocol/control.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { waitFor } from '../follow-operations.ts';
import { isNothingThere } from '../running.ts';

export interface KillOptions {
  readonly json?: boolean;
}

/** The last acts of the holder take a moment; they are no children of ours that could be waited for. */
const ENDED_WITHIN_MS = 10_000;

const waitForEnd = async (pids: readonly number[]): Promise<void> => {
  const deadline = performance.now() + ENDED_WITHIN_MS;
  while (pids.some(processExists)) {
    if (performance.now() > deadline) {
      throw new SkeinError('E_TIMEOUT', {
        what: `The end of ${pids.filter(processExists).join(' and ')}`,
        timeout: '10 s',
      });
    }
    await pause(20);
  }
};

/** The supervisor ends with the last operation, so a connection that breaks is what was asked for. */
const waitForOperations = async (wait: () => Promise<Operation[]>): Promise<void> => {
  try {
    await wait();
  } catch (error) {
    if (!isGone(error) && !isNothingThere(error)) throw error;
  }
};

const pidsOf = async (client: ControlClient): Promise<number[]> => {
  const { holder, supervisor } = await client.ping();
  return [...(holder === null ? [] : [holder.pid]), supervisor.pid];
};

/** One that hangs would keep everything from ending: the holder starts another, which can end it. */
const pidsOfSound = async (
  client: ControlClient,
  home: Home,
  tell: (text: string) => void,
): Promise<number[]> => {
  try {
    return await pidsOf(client);
  } catch (error) {
    if (!isGone(error)) throw error;
    const hung = killSupervisorOf(home);
    if (hung === null) throw error;
    tell(`The supervisor (pid ${hung}) did not answer and was killed; the next one ends everything.`);
    return await pidsOf(client);
  }
};

/** To the whole group: a worker leads one of its own, with its descendants in it. */
const endOrphans = async (home: Home): Promise<number[]> => {
  const workers = workersOf(home.workerSocket);
  const pids = [...workers, ...stateServersOf(home.stateSocket)];
  for (const pid of pids) signalProcess(pid, 'SIGTERM');
  const deadline = performance.now() + ENDED_WITHIN_MS;
  while (pids.some(processExists) && performance.now() < deadline) await pause(20);
  for (const pid of pids) signalProcess(-pid, 'SIGKILL');
  await waitForEnd(pids);
  return pids;
};

export const run: Run<KillOptions> = async (context, _args, options) => {
  const client = createControlClient(context.home);
  const tell = (text: string): void => {
    if (options.json !== true) print(context.stderr, text);
  };
  let pids: number[] = [];
  try {
    pids = await pidsOfSound(client, context.home, tell);
    const { operations } = await client.shutdown();
    await waitForOperations(() => waitFor(context, client, operations));
    await waitForEnd(pids);
    tell('Skein and its apps have ended.');
    const { list } = readSavedList(context.home.appsFile);
    if ((list?.apps.length ?? 0) > 0) tell('`skein resurrect` brings the apps back.');
  } catch (error) {
    // What was wanted is so, but for workers that outlived both processes that could stop them.
    if (!isNothingThere(error)) throw error;
    pids = await endOrphans(context.home);
    tell(
      pids.length === 0
        ? `Nothing of Skein runs in ${context.home.dir}.`
        : `Holder and supervisor were gone; the workers that they left behind have ended: ${pids.join(', ')}.`,
    );
  }
  if (options.json === true) printJson(context.stdout, { ended: pids });
  return 0;
};
