/** `skein stop`: drains, then sends the stop signal; the app stays known. */
import type { Run } from '../context.ts';
import type { OperationOptions } from '../run-operation.ts';
import { runOperation } from '../run-operation.ts';

export const run: Run<OperationOptions> = async (context, targets, options) =>
  await runOperation(context, { verb: 'stop', targets }, options);
