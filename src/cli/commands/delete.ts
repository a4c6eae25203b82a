/** `skein delete`: stops an app and forgets it. */
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { runOperation } from '../run-operation.ts';

export const run: Run<OperationOptions> = async (context, targets, options) =>
  await runOperation(context, { verb: 'delete', targets }, options);
