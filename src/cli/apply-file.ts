/** Makes what runs equal to a config file, or to a part of it: apply, and start, reload and restart of a file. */
import { readCount } from '../config/values.ts';
import type { ControlClient } from '../control/client.ts';
import { createControlClient } from '../control/client.ts';
import type { Applied, ApplyRequest } from '../protocol/control.ts';
import type { FileOptions } from './config-options.ts';
import { loadConfig, onlyApps, refuseProblems } from './config-options.ts';
import type { Context } from './context.ts';
import { print, printJson } from './context.ts';
import { tell, waitFor } from './follow-operations.ts';
import { planText } from './output/plan-text.ts';
import { painterFor } from './output/style.ts';
import { isNothingThere, withSupervisor } from './running.ts';

export interface ApplyFileOptions extends FileOptions {
  /** Workers replaced at a time. */
  readonly parallel?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export interface ApplyMode {
  /** Which apps that are not in the file are stopped: those that came from it, all, or none. */
  readonly stop: 'source' | 'all' | 'none';
  readonly atLeast: ApplyRequest['atLeast'];
}

/** The plan where nothing runs yet: nothing is started to find out. */
const planFromNothing = ({ apps }: ApplyRequest): Applied => ({
  plan: apps.map(({ spec, autostart }) => ({
    app: spec.name,
    action: autostart ? 'start' : 'add',
    changed: [],
  })),
  leftAlone: [],
  operations: [],
});

const ask = async (context: Context, request: ApplyRequest): Promise<Applied> => {
  const command = async (client: ControlClient): Promise<Applied> => await client.apply(request);
  if (!request.dryRun) return await withSupervisor(context, command);
  try {
    return await command(createControlClient(context.home));
  } catch (error) {
    if (!isNothingThere(error)) throw error;
    return planFromNothing(request);
  }
};

export const applyFile = async (
  context: Context,
  file: string | undefined,
  options: ApplyFileOptions,
  { stop, atLeast }: ApplyMode,
): Promise<number> => {
  const parallel = options.parallel === undefined ? undefined : readCount('--parallel', options.parallel, 1);
  const config = await loadConfig(context, file, options);
  refuseProblems(context, config);
  const apps = onlyApps(config, options.only).map(({ app }) => app);
  const { plan, leftAlone, operations } = await ask(context, {
    apps,
    stop: options.only !== undefined ? 'none' : stop === 'source' ? { source: config.path } : stop,
    atLeast,
    ...(parallel !== undefined && { parallel }),
    ...(options.updateEnv === true && { updateEnv: true }),
    dryRun: options.dryRun === true,
  });
  const isJson = options.json === true;
  if (!isJson) print(context.stdout, planText({ plan, leftAlone }, painterFor(context.stdout)));
  const wait = options.wait !== false && operations.length > 0;
  const ended = wait ? await waitFor(context, createControlClient(context.home), operations) : operations;
  if (isJson) printJson(context.stdout, { version: 1, plan, leftAlone, operations: ended });
  if (!wait) return 0;
  const told = isJson ? ended.filter((operation) => operation.state === 'failed') : ended;
  return tell(context, told, isJson ? context.stderr : context.stdout);
};
