/** The environment that a config declares for an app, layer over layer, and what of the shell's it inherits. */
import { readEnvFile } from './env-file.ts';
import type { Draft, Variables } from './field.ts';
import { shownPath } from './file/load.ts';
import type { FilePlace, KeyPath, Place } from './place.ts';

export interface EnvLayer {
  readonly variables: Variables;
  origin(name: string): Place;
}

export interface DeclaredEnv {
  readonly values: Readonly<Record<string, string>>;
  /** Variables that are taken away, also from what is inherited. */
  readonly removed: readonly string[];
  readonly origins: ReadonlyMap<string, Place>;
}

/** Of each variable what the last layer says. */
export const layered = (layers: readonly EnvLayer[]): DeclaredEnv => {
  const values = new Map<string, string | null>();
  const origins = new Map<string, Place>();
  for (const { variables, origin } of layers) {
    for (const [name, value] of Object.entries(variables)) {
      values.set(name, value);
      origins.set(name, origin(name));
    }
  }
  const removed = [...values].filter(([, value]) => value === null).map(([name]) => name);
  for (const name of removed) {
    values.delete(name);
    origins.delete(name);
  }
  return { values: Object.fromEntries(values) as Record<string, string>, removed, origins };
};

export interface AppLayers {
  readonly draft: Draft;
  /** `env_<profile>` of the profile that was chosen. */
  readonly profile: { readonly name: string; readonly variables: Variables } | undefined;
  readonly flags: { readonly draft: Draft; readonly variables: Variables };
  place(path: KeyPath): FilePlace;
  /** What messages name files from. */
  readonly cwd: string;
}

/**
 * env_file, over it `env`, over it `env_<profile>`, over it the flags.
 * @throws SkeinError E_ENV_FILE
 */
export const declaredEnv = ({ draft, profile, flags, place, cwd }: AppLayers): DeclaredEnv =>
  layered([
    ...(draft.envFiles ?? []).map((path): EnvLayer => {
      const { variables, lineOf } = readEnvFile(path, place(['envFile']));
      return {
        variables,
        origin: (name) => ({ file: shownPath(path, cwd), line: lineOf(name), key: name }),
      };
    }),
    { variables: draft.variables ?? {}, origin: (name) => place(['env', name]) },
    ...(profile === undefined
      ? []
      : [
          {
            variables: profile.variables,
            origin: (name: string) => place([`env_${profile.name}`, name]),
          },
        ]),
    {
      variables: flags.variables,
      origin: (name) => (Object.hasOwn(flags.draft.variables ?? {}, name) ? '--env' : '--env-file'),
    },
  ]);

const matches = (name: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name);

/** What stays of the shell's environment. */
export const inheritedBy = (
  shellEnv: Readonly<Record<string, string>>,
  inherit: boolean | readonly string[],
  removed: readonly string[],
): Record<string, string> => {
  const patterns = typeof inherit === 'boolean' ? [] : inherit;
  const taken = patterns.filter((pattern) => !pattern.startsWith('!'));
  const left = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const stays = (name: string): boolean =>
    inherit !== false &&
    (taken.length === 0 || taken.some((pattern) => matches(name, pattern))) &&
    !left.some((pattern) => matches(name, pattern));
  return Object.fromEntries(
    Object.entries(shellEnv).filter(([name]) => stays(name) && !removed.includes(name)),
  );
};
