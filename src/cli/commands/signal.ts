/** `skein signal`: sends a signal to the workers of apps. */
import { readSignal } from '../../config/values.ts';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { requireTargets } from '../run-operation.ts';

export interface SignalOptions {
  readonly json?: boolean;
}

export const run: Run<SignalOptions> = async (context, [name = '', ...targets], options) => {
  const signal = readSignal(name);
  requireTargets('signal', targets);
  const result = await createControlClient(context.home).signal({ signal, targets });
  if (options.json === true) printJson(context.stdout, result);
  else if (result.signalled.length === 0)
    print(context.stderr, 'skein: no worker runs, so none was sent the signal.');
  else print(context.stdout, `${signal} sent to ${result.signalled.join(', ')}`);
  return 0;
};
