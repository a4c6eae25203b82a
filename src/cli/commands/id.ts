/** `skein id`: the numbers of the slots of apps, a line each; each is a target of commands. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface IdOptions {
  readonly json?: boolean;
}

export const run: Run<IdOptions> = async (context, targets, options) => {
  const { apps } = await createControlClient(context.home).apps(targets);
  const ids = apps.flatMap((app) => app.ids);
  if (options.json === true) printJson(context.stdout, { ids });
  else for (const id of ids) print(context.stdout, String(id));
  return 0;
};
