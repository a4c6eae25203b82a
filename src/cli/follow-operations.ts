/** Waits for what the supervisor was asked to do, and says how it ended. */
import type { ControlClient } from '../control/client.ts';
import { SkeinError } from '../core/errors.ts';
import type { Operation } from '../protocol/control.ts';
import type { Context, Output } from './context.ts';
import { print } from './context.ts';
import { errorText } from './output/error-text.ts';
import { doneText } from './output/operation-text.ts';
import { showProgress } from './output/progress.ts';
import { painterFor } from './output/style.ts';

/** Follows all to their end. Ctrl-C ends the command and not what the supervisor does, so it says that. */
export const waitFor = async (
  context: Context,
  client: ControlClient,
  operations: readonly Operation[],
): Promise<Operation[]> => {
  const progress = await showProgress(context.stderr);
  const onInterrupt = (): void => {
    progress.end();
    print(context.stderr, 'skein: this goes on without the command; `skein events --follow` shows it.');
    process.exit(130);
  };
  process.once('SIGINT', onInterrupt);
  try {
    return await Promise.all(operations.map((operation) => client.follow(operation, progress.update)));
  } finally {
    progress.end();
    process.removeListener('SIGINT', onInterrupt);
  }
};

/** Why an operation failed. */
export const failureOf = (context: Context, { verb, app, error }: Operation): SkeinError =>
  error === null
    ? new SkeinError('E_INTERNAL', { reason: `${verb} of ${app} failed`, log: context.home.supervisorLog })
    : SkeinError.fromData(error);

/** Says how each has ended, failures on stderr; the exit code is that of the first failure. */
export const tell = (context: Context, operations: readonly Operation[], doneOutput: Output): number => {
  let exitCode = 0;
  for (const operation of operations) {
    if (operation.state === 'failed') {
      const error = failureOf(context, operation);
      print(context.stderr, errorText(error, painterFor(context.stderr)));
      exitCode ||= error.exitCode;
    } else {
      print(doneOutput, doneText(operation));
    }
  }
  return exitCode;
};
