/** What the commands that change something have in common: ask, wait, tell. */
import { isConfigName } from '../config/file/find.ts';
import { namesFile } from '../config/script.ts';
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

/** A config file stands for the apps in it. */
const withAppsOfFiles = async (context: Context, targets: readonly string[]): Promise<readonly string[]> => {
  const isFile = (target: string): boolean => isConfigName(target) && namesFile(target, context.cwd);
  if (!targets.some(isFile)) return targets;
  const { loadConfig, refuseProblems } = await import('./config-options.ts');
  const names = targets.map(async (target) => {
    if (!isFile(target)) return [target];
    const config = await loadConfig(context, target, {});
    refuseProblems(context, config);
    return config.apps.map(({ app }) => app.spec.name);
  });
  return (await Promise.all(names)).flat();
};

export const runOperation = async (
  context: Context,
  request: OperationRequest,
  options: OperationOptions,
): Promise<number> => {
  requireTargets(request.verb, request.targets);
  const client = createControlClient(context.home);
  const targets = await withAppsOfFiles(context, request.targets);
  requireTargets(request.verb, targets);
  const { operations } = await client.operate({ ...request, targets });
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
