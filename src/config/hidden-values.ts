/**
 * Keeps the values of secret-looking variables out of what is written to disk. In the file a
 * reference stands in their place; the value itself is kept in memory by the holder, so that a
 * supervisor that is killed does not lose it, and is gone when the holder is.
 */
import { newId } from '../core/id.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ApplyApp, MissingValues } from '../protocol/control.ts';
import { isSecret } from './secret-names.ts';

/** What stands in a file for a value that is not written. */
interface Hidden {
  readonly secret: string;
}

/** Reference to value. */
export type Secrets = Readonly<Record<string, string>>;

type Variables = Readonly<Record<string, string>>;

/** An environment as it stands in a file. */
type Shown = Readonly<Record<string, string | Hidden>>;

/**
 * The variables of an environment whose values are not known any more, and their references. A
 * symbol goes along when an environment is spread into another, and is no variable of a process.
 */
const MISSING = Symbol('missing values');

interface WithMissing {
  readonly [MISSING]?: Variables;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isHidden = (value: unknown): value is Hidden => isObject(value) && typeof value['secret'] === 'string';

/** Specs are found by their shape, wherever in a file they are. */
const isSpec = (value: unknown): value is AppSpec =>
  isObject(value) && isObject(value['env']) && isObject(value['shellEnv']) && 'saveSecrets' in value;

/** Of one variable with one value: where a value is to be found again depends on whose it is. */
const keyOf = (variable: string, value: string): string => `${variable}\0${value}`;

const variableOf = (id: string): string => id.slice(0, id.lastIndexOf('/'));

/** Gives references for values, the same one for the same value of the same variable. */
export class SecretBook {
  readonly #ids: Map<string, string>;
  readonly #hidden = new WeakMap<object, Shown>();
  #used = new Map<string, string>();
  #usedBefore = new Map<string, string>();

  /** @param known what an earlier supervisor has given references for */
  constructor(known: Secrets = {}) {
    this.#ids = new Map(Object.entries(known).map(([id, value]) => [keyOf(variableOf(id), value), id]));
  }

  /** As JSON, with references for the secret values of all specs inside. */
  stringify(value: unknown, space?: number): string {
    return JSON.stringify(
      value,
      (_key, part: unknown) =>
        isSpec(part) && !part.saveSecrets
          ? { ...part, env: this.#hide(part, 'env'), shellEnv: this.#hide(part, 'shellEnv') }
          : part,
      space,
    );
  }

  /**
   * What the references of the files stand for: of those that have been made since the call before
   * the last one, since a file that is about to be replaced may still be the one that is read.
   */
  takeUsed(): Secrets {
    const both = new Map([...this.#usedBefore, ...this.#used]);
    this.#usedBefore = this.#used;
    this.#used = new Map();
    return Object.fromEntries(both);
  }

  #hide({ name: app, ...spec }: AppSpec, from: 'env' | 'shellEnv'): Shown {
    const env = spec[from];
    const known = this.#hidden.get(env) ?? this.#hideAnew(app, env);
    this.#hidden.set(env, known);
    for (const [name, value] of Object.entries(known))
      if (isHidden(value) && env[name] !== undefined) this.#used.set(value.secret, env[name]);
    return known;
  }

  #hideAnew(app: string, env: Variables & WithMissing): Shown {
    const missing = Object.entries(env[MISSING] ?? {}).map(([name, id]) => [name, { secret: id }] as const);
    const shown = Object.entries(env).map(
      ([name, value]) =>
        [name, isSecret(name, value) ? { secret: this.#idOf(`${app}/${name}`, value) } : value] as const,
    );
    return Object.fromEntries<string | Hidden>([...missing, ...shown]);
  }

  #idOf(variable: string, value: string): string {
    const key = keyOf(variable, value);
    const id = this.#ids.get(key) ?? `${variable}/${newId()}`;
    this.#ids.set(key, id);
    return id;
  }
}

/** One variable whose value a file does not have. */
export interface HiddenVariable {
  readonly app: string;
  /** The config file of the app, or null. */
  readonly source: string | null;
  readonly name: string;
  /** Declared by the user (`env`), or of the shell that started it first. */
  readonly from: 'env' | 'shellEnv';
  readonly id: string;
  /** The declared variables beside it that are no secrets. */
  readonly beside: Variables;
}

/** All of the specs inside `parsed`, which is what a file holds. */
export const hiddenVariables = (parsed: unknown): HiddenVariable[] => {
  if (!isObject(parsed)) return [];
  if (!isSpec(parsed)) return Object.values(parsed).flatMap(hiddenVariables);
  const { name: app, source } = parsed;
  const shown = Object.entries(parsed.env).filter(([, value]) => !isHidden(value));
  const beside = Object.fromEntries(shown);
  return (['env', 'shellEnv'] as const).flatMap((from) =>
    Object.entries(parsed[from]).flatMap(([name, value]: [string, unknown]) =>
      isHidden(value) ? [{ app, source, name, from, id: value.secret, beside }] : [],
    ),
  );
};

/** A copy of `parsed` with the values that are known; a variable without one is left out. */
export const withSecrets = <Value>(parsed: Value, known: Secrets): Value => {
  if (!isObject(parsed)) return parsed;
  if (Array.isArray(parsed)) return parsed.map((part: unknown) => withSecrets(part, known)) as Value;
  if (isSpec(parsed))
    return { ...parsed, env: fill(parsed.env, known), shellEnv: fill(parsed.shellEnv, known) };
  return Object.fromEntries(
    Object.entries(parsed).map(([name, part]) => [name, withSecrets(part, known)]),
  ) as Value;
};

const fill = (env: Readonly<Record<string, unknown>>, known: Secrets): Variables & WithMissing => {
  const filled: Record<string, string> = {};
  const missing: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!isHidden(value)) filled[name] = value as string;
    else if (known[value.secret] === undefined) missing[name] = value.secret;
    else filled[name] = known[value.secret]!;
  }
  return Object.keys(missing).length === 0 ? filled : { ...filled, [MISSING]: missing };
};

/** Names of the variables that a spec should have, and whose values are not known. */
export const missingVariables = ({ env, shellEnv }: Pick<AppSpec, 'env' | 'shellEnv'>): string[] => {
  const lost = { ...(env as WithMissing)[MISSING], ...(shellEnv as WithMissing)[MISSING] };
  return Object.keys(lost)
    .filter((name) => env[name] === undefined && shellEnv[name] === undefined)
    .sort();
};

/** The references of what is missing, for a request that carries a spec; undefined: nothing is. */
export const missingValues = ({ env, shellEnv }: AppSpec): MissingValues | undefined => {
  const missing = {
    env: (env as WithMissing)[MISSING] ?? {},
    shellEnv: (shellEnv as WithMissing)[MISSING] ?? {},
  };
  return Object.keys({ ...missing.env, ...missing.shellEnv }).length === 0 ? undefined : missing;
};

/** The other end of `missingValues`: what is missing goes on being known by name. */
export const rememberMissing = ({ missing, ...app }: ApplyApp): ApplyApp => {
  if (missing === undefined) return app;
  const { env, shellEnv } = app.spec;
  const spec = {
    ...app.spec,
    env: { ...env, [MISSING]: missing.env },
    shellEnv: { ...shellEnv, [MISSING]: missing.shellEnv },
  };
  return { ...app, spec };
};
