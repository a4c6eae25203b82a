/** `skein pid`: the pids of workers, a line each, for scripts. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface PidOptions {
  readonly json?: boolean;
}

export const run: Run<PidOptions> = async (context, targets, options) => {
  const { apps } = await createControlClient(context.home).apps(targets);
  const pids = apps.flatMap(({ workers }) => workers.flatMap(({ pid }) => pid ?? []));
  if (options.json === true) printJson(context.stdout, { pids });
  else for (const pid of pids) print(context.stdout, String(pid));
  return 0;
};
