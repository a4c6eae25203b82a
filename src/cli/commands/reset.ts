/** `skein reset`: counters of restarts go back to 0. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { requireTargets } from '../run-operation.ts';

export interface ResetOptions {
  readonly json?: boolean;
}

export const run: Run<ResetOptions> = async (context, targets, options) => {
  requireTargets('reset', targets);
  const reset = await createControlClient(context.home).reset(targets);
  if (options.json === true) printJson(context.stdout, { reset });
  else print(context.stdout, `Counters of ${reset.join(', ') || 'no app'} are 0.`);
  return 0;
};
