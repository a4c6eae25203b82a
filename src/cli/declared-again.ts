/** The declared environment of saved apps, read again from the config file that they came from. */
import type { ConfigFile } from '../config/config-file.ts';
import { readConfig, writtenApps } from '../config/config-file.ts';
import { loadFile } from '../config/file/load.ts';
import type { Context } from './context.ts';
import { settingsContext } from './settings-context.ts';

type Variables = Readonly<Record<string, string>>;

/** Names of the profiles that a file has for any of its apps: `env_production`. */
const profilesIn = async ({ cwd, env }: Context, source: string): Promise<string[]> => {
  const loaded = await loadFile(source, { cwd, env, profile: undefined });
  const keys = writtenApps(loaded).flatMap(({ value }) => Object.keys(value ?? {}));
  return [...new Set(keys.flatMap((key) => /^env_(.+)$/.exec(key)?.[1] ?? []))];
};

const envOf = ({ apps }: ConfigFile, name: string): Variables | undefined =>
  apps.find(({ app }) => app.spec.name === name)?.app.spec.env;

/** How many of the values that are known from then are others now. */
const differences = (saved: Variables, now: Variables | undefined): number =>
  now === undefined ? Infinity : Object.entries(saved).filter(([name, value]) => now[name] !== value).length;

/**
 * Which profile was chosen then is not saved; it is the one with which the values that are no
 * secrets are most like those that are saved.
 * @param saved of each app of this file, its declared variables that are no secrets
 * @throws SkeinError what is wrong with the file
 */
export const declaredAgain = async (
  context: Context,
  source: string,
  saved: ReadonlyMap<string, Variables>,
): Promise<ReadonlyMap<string, Variables>> => {
  const read = (profile: string | undefined): Promise<ConfigFile> =>
    readConfig(source, { profile }, settingsContext(context));
  const files = [await read(undefined)];
  for (const profile of await profilesIn(context, source)) files.push(await read(profile));
  const found = new Map<string, Variables>();
  for (const [app, variables] of saved) {
    const envs = files.map((file) => envOf(file, app));
    const [best] = envs.toSorted((a, b) => differences(variables, a) - differences(variables, b));
    if (best !== undefined) found.set(app, best);
  }
  return found;
};
