/** What the commands that change something have in common: ask, wait, tell. */
import { createControlClient } from '../control/client.ts';
import { SkeinError } from '../core/errors.ts';
import type { OperationRequest } from '../protocol/control.ts';
import type { Context } from './context.ts';
import { print, printJson } from './context.ts';
import { tell, waitFor } from './follow-operations.ts';

export interface OperationOptions {
  readonly json?: boolean;
}

/** @throws SkeinError E_TARGET_REQUIRED */
export const requireTargets = (command: string, targets: readonly string[]): void => {
  if (targets.length === 0) throw new SkeinError('E_TARGET_REQUIRED', { command });
};

export const runOperation = async (
  context: Context,
  request: OperationRequest,
  options: OperationOptions,
): Promise<number> => {
  requireTargets(request.verb, request.targets);
  const client = createControlClient(context.home);
  const { operations } = await client.operate(request);
  const ended = await waitFor(context, client, operations);
  if (options.json === true) {
    printJson(context.stdout, { operations: ended });
    return tell(
      context,
      ended.filter((operation) => operation.state === 'failed'),
      context.stderr,
    );
  }
  if (ended.length === 0) print(context.stderr, 'skein: there is nothing to do.');
  return tell(context, ended, context.stdout);
};
