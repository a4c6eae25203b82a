/** `skein reload`: new workers first, then the old ones drain. */
import { isConfigName } from '../../config/file/find.ts';
import { checkCronOf, patchOf } from '../../config/patch.ts';
import { readCount } from '../../config/values.ts';
import { applyFile } from '../apply-file.ts';
import type { FileOptions } from '../config-options.ts';
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { requireTargets, runOperation } from '../run-operation.ts';
import { settingsContext } from '../settings-context.ts';

export interface ReloadOptions extends OperationOptions, FileOptions {
  /** Workers replaced at a time. */
  readonly parallel?: string;
}

export const run: Run<ReloadOptions> = async (context, targets, options) => {
  requireTargets('reload', targets);
  const [first = ''] = targets;
  if (targets.length === 1 && isConfigName(first))
    return await applyFile(context, first, options, { stop: 'none', atLeast: 'reload' });
  const patch = patchOf(options, context.appArgs, settingsContext(context));
  await checkCronOf(patch ?? {});
  const parallel = options.parallel === undefined ? undefined : readCount('--parallel', options.parallel, 1);
  const request = {
    verb: 'reload',
    targets,
    ...(patch !== undefined && { patch }),
    ...(parallel !== undefined && { parallel }),
  } as const;
  return await runOperation(context, request, options);
};
