/** `skein restart`: stop and start, with a gap in between. */
import { isConfigName } from '../../config/file/find.ts';
import { checkCronOf, patchOf } from '../../config/patch.ts';
import { applyFile } from '../apply-file.ts';
import type { FileOptions } from '../config-options.ts';
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { requireTargets, runOperation } from '../run-operation.ts';
import { settingsContext } from '../settings-context.ts';

export interface RestartOptions extends OperationOptions, FileOptions {}

export const run: Run<RestartOptions> = async (context, targets, options) => {
  requireTargets('restart', targets);
  const [first = ''] = targets;
  if (targets.length === 1 && isConfigName(first))
    return await applyFile(context, first, options, { stop: 'none', atLeast: 'restart' });
  const patch = patchOf(options, context.appArgs, settingsContext(context));
  await checkCronOf(patch ?? {});
  return await runOperation(
    context,
    { verb: 'restart', targets, ...(patch !== undefined && { patch }) },
    options,
  );
};
