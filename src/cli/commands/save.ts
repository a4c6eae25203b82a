/** `skein save`: writes the saved list now. It is written at every change anyway. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface SaveOptions {
  readonly json?: boolean;
}

export const run: Run<SaveOptions> = async (context, _args, options) => {
  const saved = await createControlClient(context.home).save();
  if (options.json === true) printJson(context.stdout, saved);
  else print(context.stdout, `${saved.apps} ${saved.apps === 1 ? 'app' : 'apps'} saved in ${saved.file}`);
  return 0;
};
