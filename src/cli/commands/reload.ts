/** `skein reload`: new workers first, then the old ones drain. */
import { patchOf } from '../../config/patch.ts';
import type { WrittenSettings } from '../../config/settings.ts';
import { readCount } from '../../config/values.ts';
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { requireTargets, runOperation } from '../run-operation.ts';
import { settingsContext } from '../settings-context.ts';

export interface ReloadOptions extends OperationOptions, WrittenSettings {
  /** Workers replaced at a time. */
  readonly parallel?: string;
}

export const run: Run<ReloadOptions> = async (context, targets, options) => {
  requireTargets('reload', targets);
  const patch = patchOf(options, context.appArgs, settingsContext(context));
  const parallel = options.parallel === undefined ? undefined : readCount('--parallel', options.parallel, 1);
  const request = {
    verb: 'reload',
    targets,
    ...(patch !== undefined && { patch }),
    ...(parallel !== undefined && { parallel }),
  } as const;
  return await runOperation(context, request, options);
};
