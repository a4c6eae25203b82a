/** `skein restart`: stop and start, with a gap in between. */
import { patchOf } from '../../config/patch.ts';
import type { WrittenSettings } from '../../config/settings.ts';
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { requireTargets, runOperation } from '../run-operation.ts';
import { settingsContext } from '../settings-context.ts';

export interface RestartOptions extends OperationOptions, WrittenSettings {}

export const run: Run<RestartOptions> = async (context, targets, options) => {
  requireTargets('restart', targets);
  const patch = patchOf(options, context.appArgs, settingsContext(context));
  return await runOperation(
    context,
    { verb: 'restart', targets, ...(patch !== undefined && { patch }) },
    options,
  );
};
