/** `skein start`: a script as a new app, or an app that is known already. */
import { findConfig, isConfigName } from '../../config/file/find.ts';
import { checkCronOf, patchOf } from '../../config/patch.ts';
import { namesFile } from '../../config/script.ts';
import { specOf } from '../../config/spec.ts';
import { didYouMean } from '../../config/suggest.ts';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import { SkeinError } from '../../core/errors.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { Accepted, Operation } from '../../protocol/control.ts';
import { applyFile } from '../apply-file.ts';
import type { FileOptions } from '../config-options.ts';
import type { Context, Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { tell, waitFor } from '../follow-operations.ts';
import { isNothingThere, withSupervisor } from '../running.ts';
import { settingsContext } from '../settings-context.ts';

export interface StartOptions extends FileOptions {
  readonly name?: string;
  /** `--no-wait` makes it false. */
  readonly wait: boolean;
  readonly json?: boolean;
}

/** `all`, `/pattern/` or several names can only mean apps; one word is a script where such a file exists. */
const meansApps = (context: Context, words: readonly string[]): boolean => {
  const [first = ''] = words;
  if (words.length > 1) {
    if (!namesFile(first, context.cwd)) return true;
    throw new SkeinError('E_USAGE', {
      reason: 'One script is started at a time; arguments for it go behind `--`.',
      command: 'skein start',
    });
  }
  return !namesFile(first, context.cwd) && (first === 'all' || /^\/.*\/$/.test(first));
};

/** What names apps: their own names, namespaces and ids. */
const knownWords = async (context: Context): Promise<string[]> => {
  try {
    const { apps } = await createControlClient(context.home).apps([]);
    return apps.flatMap(({ name, namespace, ids }) => [name, namespace ?? name, ...ids.map(String)]);
  } catch (error) {
    if (isNothingThere(error)) return [];
    throw error;
  }
};

const specFor = (
  context: Context,
  script: string,
  options: StartOptions,
  known: readonly string[],
): AppSpec => {
  try {
    return specOf(
      { script, name: options.name, args: context.appArgs ?? [], settings: options },
      settingsContext(context),
    );
  } catch (error) {
    // Neither a script nor an app: a slip in the name of either.
    const near = didYouMean(script, known);
    if (!(error instanceof SkeinError) || error.code !== 'E_NO_SCRIPT' || near === '') throw error;
    throw new SkeinError(
      'E_NO_SCRIPT',
      { path: script, cwd: context.cwd, suggestion: `${near} (an app)` },
      { cause: error },
    );
  }
};

/** Asks for the start. Whatever is wrong with the command shows before anything is started. */
const ask = async (context: Context, words: readonly string[], options: StartOptions): Promise<Accepted> => {
  const [first = ''] = words;
  const isScript = !meansApps(context, words) && namesFile(first, context.cwd);
  const known = isScript ? [] : await knownWords(context);
  if (!isScript && (meansApps(context, words) || known.includes(first))) {
    const patch = patchOf(options, context.appArgs, settingsContext(context));
    await checkCronOf(patch ?? {});
    const request = { verb: 'start', targets: words, ...(patch !== undefined && { patch }) } as const;
    return await createControlClient(context.home).operate(request);
  }
  const spec = specFor(context, first, options, known);
  await checkCronOf(spec);
  return await withSupervisor(context, (client) => client.start({ spec }));
};

const show = async (
  context: Context,
  client: ControlClient,
  ended: readonly Operation[],
  json: boolean,
): Promise<void> => {
  const list = await client.apps(ended.map((operation) => operation.app));
  if (json) {
    printJson(context.stdout, { ...list, operations: ended });
    return;
  }
  const { renderApps } = await import('../output/app-table.ts');
  print(context.stdout, renderApps(list.apps, context.stdout));
};

/** The config file that is meant; undefined where it is a script or an app. */
const fileOf = (context: Context, words: readonly string[], name: string | undefined): string | undefined => {
  const [first] = words;
  const file = first === undefined ? findConfig(context.cwd) : isConfigName(first) ? first : undefined;
  if (file === undefined || words.length > 1) return undefined;
  if (name !== undefined) {
    throw new SkeinError('E_USAGE', {
      reason: `--name is for a script; ${file} names its apps itself.`,
      command: 'skein start',
    });
  }
  return file;
};

export const run: Run<StartOptions> = async (context, words, options) => {
  const file = fileOf(context, words, options.name);
  if (file !== undefined) return await applyFile(context, file, options, { stop: 'none', atLeast: null });
  if (words.length === 0) {
    throw new SkeinError('E_USAGE', {
      reason: 'start needs a script, or the name of an app.',
      command: 'skein start',
    });
  }
  const { operations } = await ask(context, words, options);
  const client = createControlClient(context.home);
  if (!options.wait) {
    if (options.json === true) printJson(context.stdout, { operations });
    else
      for (const { app } of operations)
        print(context.stderr, `${app} is starting; \`skein list\` shows how far it is.`);
    return 0;
  }
  const ended = await waitFor(context, client, operations);
  const exitCode = tell(context, ended, context.stderr);
  const started = ended.filter((operation) => operation.state === 'succeeded');
  if (started.length > 0) await show(context, client, started, options.json === true);
  else if (options.json === true) printJson(context.stdout, { operations: ended });
  return exitCode;
};
