/**
 * Values that are not saved, found again: in the config file that an app came from, or in the
 * environment of this command. For when the holder that remembered them is gone.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { HiddenVariable, Secrets } from '../config/hidden-values.ts';
import { hiddenVariables } from '../config/hidden-values.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';

const parsedFile = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    // Whoever needs it says what is wrong with it.
    return null;
  }
};

/** What the config files of these apps say, by file and app. A file that fails is told, no more. */
const declaredIn = async (
  context: Context,
  variables: readonly HiddenVariable[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> => {
  const found = new Map<string, Readonly<Record<string, string>>>();
  const declared = variables.filter(({ from, source }) => from === 'env' && source !== null);
  if (declared.length === 0) return found;
  const { declaredAgain } = await import('./declared-again.ts');
  for (const source of new Set(declared.flatMap((variable) => variable.source ?? []))) {
    try {
      const own = declared.filter((variable) => variable.source === source);
      const saved = new Map(own.map(({ app, beside }) => [app, beside]));
      for (const [app, env] of await declaredAgain(context, source, saved))
        found.set(keyOf(source, app), env);
    } catch (error) {
      print(
        context.stderr,
        `skein: ${source} could not be read again for its secrets: ${(error as Error).message}`,
      );
    }
  }
  return found;
};

const keyOf = (source: string, app: string): string => `${source}\0${app}`;

/** The references inside `parsed`, which is what a saved file holds, with the values that could be found. */
export const recallSecrets = async (context: Context, parsed: unknown): Promise<Secrets> => {
  const variables = hiddenVariables(parsed);
  const declared = await declaredIn(context, variables);
  const known: Record<string, string> = {};
  for (const { app, source, name, from, id } of variables) {
    const own = from === 'env' && source !== null ? declared.get(keyOf(source, app))?.[name] : undefined;
    const value = own ?? context.env[name];
    if (value !== undefined) known[id] ??= value;
  }
  return known;
};

/** Says of each app of `parsed` that comes back what it lacks: names, one line for each app. */
export const tellMissing = (context: Context, parsed: unknown, known: Secrets): void => {
  const byApp = new Map<string, Set<string>>();
  for (const { app, name, id } of hiddenVariables(parsed)) {
    if (known[id] !== undefined) continue;
    byApp.set(app, (byApp.get(app) ?? new Set()).add(name));
  }
  for (const [app, names] of byApp)
    print(
      context.stderr,
      `skein: ${app} has to do without ${[...names].sort().join(', ')}: secrets are not saved, and neither its config file nor this environment has ${names.size === 1 ? 'it' : 'them'}.`,
    );
};

/** For a start of Skein: the secrets of the apps that come back by themselves, as after a crash of the machine. */
export const recallForBoot = async (context: Context): Promise<Secrets> => {
  const { stateFile, appsFile } = context.home;
  // As the supervisor does: the list stands in for a state file that is damaged.
  const parsed = parsedFile(stateFile) ?? (existsSync(stateFile) ? parsedFile(appsFile) : null);
  const known = await recallSecrets(context, parsed);
  tellMissing(context, parsed, known);
  return known;
};
