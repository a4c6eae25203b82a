/** `skein config check` and `print`: what a config file says, without doing anything. */
import { SkeinError } from '../../core/errors.ts';
import type { FileOptions } from '../config-options.ts';
import { loadConfig, onlyApps, refuseProblems } from '../config-options.ts';
import type { Context, Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { errorText } from '../output/error-text.ts';
import { painterFor } from '../output/style.ts';
import { didYouMean } from '../../config/suggest.ts';

export interface ConfigCommandOptions extends FileOptions {
  /** Defaults too. */
  readonly resolved?: boolean;
  readonly json?: boolean;
}

const check = async (
  context: Context,
  file: string | undefined,
  options: ConfigCommandOptions,
): Promise<number> => {
  const config = await loadConfig(context, file, options);
  const { shown, path, problems } = config;
  const [first] = problems;
  const names = config.apps.map(({ app }) => app.spec.name);
  if (options.json === true) {
    printJson(context.stdout, {
      version: 1,
      file: path,
      apps: names,
      problems: problems.map((problem) => problem.toData()),
    });
  } else if (first === undefined) {
    print(context.stdout, `${shown} is good: ${names.length === 0 ? 'no apps' : names.join(', ')}.`);
  }
  const paint = painterFor(context.stderr);
  for (const problem of problems) print(context.stderr, errorText(problem, paint));
  return problems.at(-1)?.exitCode ?? 0;
};

const show = async (
  context: Context,
  file: string | undefined,
  options: ConfigCommandOptions,
): Promise<number> => {
  const config = await loadConfig(context, file, options);
  refuseProblems(context, config);
  const { configText, settingsOf } = await import('../output/config-text.ts');
  const apps = onlyApps(config, options.only).map((app) => ({
    name: app.app.spec.name,
    settings: settingsOf(app, options.resolved === true),
  }));
  if (options.json === true) printJson(context.stdout, { version: 1, file: config.path, apps });
  else print(context.stdout, configText(apps, painterFor(context.stdout)));
  return 0;
};

const actions = { check, print: show } as const;

export const run: Run<ConfigCommandOptions> = async (context, [action = '', file], options) => {
  if (!Object.hasOwn(actions, action)) {
    throw new SkeinError('E_USAGE', {
      reason: `config has no ${action}.${didYouMean(action, Object.keys(actions))}`,
      command: 'skein config',
    });
  }
  return await actions[action as keyof typeof actions](context, file, options);
};
