/** `skein run`: an app, or those of a config file, in the foreground, for containers and systemd. */
import { isConfigName } from '../../config/file/find.ts';
import { checkCronOf } from '../../config/patch.ts';
import { specOf } from '../../config/spec.ts';
import { SkeinError } from '../../core/errors.ts';
import type { ApplyApp } from '../../protocol/control.ts';
import type { FileOptions } from '../config-options.ts';
import type { Context, Run } from '../context.ts';
import { runApps } from '../run-apps.ts';
import { settingsContext } from '../settings-context.ts';

export interface RunOptions extends FileOptions {
  readonly name?: string;
}

const appsFor = async (
  context: Context,
  script: string,
  options: RunOptions,
): Promise<readonly ApplyApp[]> => {
  if (isConfigName(script)) {
    const { loadConfig, onlyApps, refuseProblems } = await import('../config-options.ts');
    const config = await loadConfig(context, script, options);
    refuseProblems(context, config);
    const apps = onlyApps(config, options.only).map(({ app }) => app);
    if (!apps.some(({ autostart }) => autostart))
      throw new SkeinError('E_USAGE', { reason: `${script} has no app to run.`, command: 'skein run' });
    return apps;
  }
  const { name } = options;
  const spec = specOf(
    { script, name, args: context.appArgs ?? [], settings: options },
    settingsContext(context),
  );
  await checkCronOf(spec);
  return [{ spec, autostart: true }];
};

export const run: Run<RunOptions> = async (context, [script = ''], options) =>
  await runApps(context, await appsFor(context, script, options));
