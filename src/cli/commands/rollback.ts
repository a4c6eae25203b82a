/** `skein rollback`: back to the settings of the generation before, without downtime. */
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { runOperation } from '../run-operation.ts';

export const run: Run<OperationOptions> = async (context, targets, options) =>
  await runOperation(context, { verb: 'rollback', targets }, options);
