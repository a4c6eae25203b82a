/** What commands that read a config file have in common: their flags, and how mistakes in the file are told. */
import type { ConfigFile, ConfigOptions } from '../config/config-file.ts';
import { readConfig } from '../config/config-file.ts';
import { findConfig } from '../config/file/find.ts';
import type { ResolvedApp } from '../config/resolve.ts';
import type { WrittenSettings } from '../config/settings.ts';
import { didYouMean } from '../config/suggest.ts';
import { SkeinError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';
import { errorText } from './output/error-text.ts';
import { painterFor } from './output/style.ts';
import { unknownTargets } from './route-targets.ts';
import { settingsContext } from './settings-context.ts';

export interface FileOptions extends WrittenSettings {
  /** `KEY=VALUE`, or once the name of a profile. */
  readonly env?: readonly string[];
  /** `a,b` */
  readonly only?: string;
}

/**
 * The file that is meant: the one named, or the nearest skein.config.*.
 * @throws SkeinError E_NO_CONFIG
 */
export const configNamed = (context: Context, name: string | undefined): string => {
  const found = name ?? findConfig(context.cwd);
  if (found === undefined) throw new SkeinError('E_NO_CONFIG', { cwd: context.cwd });
  return found;
};

/** Takes the profile out of `--env`. */
const splitProfile = ({ env, ...settings }: FileOptions): Pick<ConfigOptions, 'profile' | 'settings'> => {
  const profiles = env?.filter((value) => !value.includes('=')) ?? [];
  const variables = env?.filter((value) => value.includes('='));
  if (profiles.length > 1) {
    throw new SkeinError('E_USAGE', {
      reason: `--env names one profile, not ${profiles.join(' and ')}; variables are written KEY=VALUE.`,
      command: 'skein apply',
    });
  }
  return {
    profile: profiles[0],
    settings: { ...settings, ...(variables !== undefined && variables.length > 0 && { env: variables }) },
  };
};

export const loadConfig = async (
  context: Context,
  file: string | undefined,
  options: FileOptions,
): Promise<ConfigFile> => {
  const config = await readConfig(
    configNamed(context, file),
    { ...splitProfile(options), args: context.appArgs },
    settingsContext(context),
  );
  const unknown = await unknownTargets(
    context,
    config.elsewhere,
    config.apps.map(({ app }) => app.spec.name),
  );
  for (const note of config.notes) print(context.stderr, `skein: ${note}`);
  return { ...config, problems: [...config.problems, ...unknown] };
};

/** Tells every mistake but the last, which it throws: none of them is done with. */
export const refuseProblems = (context: Context, { problems }: ConfigFile): void => {
  const paint = painterFor(context.stderr);
  for (const problem of problems.slice(0, -1)) print(context.stderr, errorText(problem, paint));
  const last = problems.at(-1);
  if (last !== undefined) throw last;
};

/** @throws SkeinError E_UNKNOWN_APP: one of `--only` is not in the file */
export const onlyApps = ({ apps }: ConfigFile, only: string | undefined): readonly ResolvedApp[] => {
  if (only === undefined) return apps;
  const names = only.split(',').map((name) => name.trim());
  const known = apps.map(({ app }) => app.spec.name);
  for (const target of names) {
    if (!known.includes(target))
      throw new SkeinError('E_UNKNOWN_APP', { target, suggestion: didYouMean(target, known) });
  }
  return apps.filter(({ app }) => names.includes(app.spec.name));
};
