/** `skein scale`: more workers or fewer; those that go drain. */
import { resolveInstances } from '../../config/instances.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { runOperation } from '../run-operation.ts';

export const run: Run<OperationOptions> = async (context, words, options) => {
  const to = words.at(-1);
  const targets = words.slice(0, -1);
  if (to === undefined || targets.length === 0) {
    throw new SkeinError('E_USAGE', {
      reason: 'scale needs an app and a number of workers: skein scale api 8, +2, -1, max or 50%.',
      command: 'skein scale',
    });
  }
  // Only the form: how many workers run now, the supervisor knows.
  if (!/^[+-]?\d+$/.test(to)) resolveInstances(to, { cpus: 1, current: 1 }, 'scale');
  return await runOperation(context, { verb: 'scale', targets, to }, options);
};
