/**
 * Evaluates a config that is a program, in a process of its own (src/entry/config-loader.ts): one
 * that never ends, exits, or leaves servers open does so there.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NotPlain } from './plain.ts';
import { toPlain } from './plain.ts';

/** What the loader's process says, once. */
export type Evaluated =
  | { readonly kind: 'value'; readonly value: unknown; readonly notPlain: readonly NotPlain[] }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** Something is wrong at a place in it, rather than with how it ends. */
      readonly isMistake: boolean;
      /** Of the config file, where it is known. */
      readonly line: number | null;
      /** `other.js:3`: where it happened, when that is another file. */
      readonly elsewhere: string | null;
    };

export interface ConfigArgument {
  /** What stands behind `--env`, null where it is not given. */
  readonly profile: string | null;
}

/**
 * `skein/config` is ours also where the project has no Skein of its own, or an older one.
 * @param ownModule URL of src/entry/config-api.ts
 */
const provideOwnModule = (ownModule: string): void => {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier !== 'skein/config') return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch {
        return { url: ownModule, shortCircuit: true };
      }
    },
  });
};

/** `file:12` in a stack or in the head that Node puts before it; of files that are nobody's but the user's. */
const positionsIn = (stack: string): { readonly file: string; readonly line: number }[] =>
  [...stack.matchAll(/(?<=^|[\s(])(?:file:\/\/)?(\/[^\s():]+|[A-Za-z]:[\\/][^\s():]+):(\d+)/gm)].map(
    ([, file = '', line]) => ({ file: decodeURI(file), line: Number(line) }),
  );

/** Node names no line for an ES module that it cannot parse; its stripper of types does. */
const lineOfSyntaxError = (file: string): number | undefined => {
  try {
    stripTypeScriptTypes(readFileSync(file, 'utf8'));
  } catch (error) {
    const line = /^:(\d+)/m.exec((error as Error).stack ?? '')?.[1];
    return line === undefined ? undefined : Number(line);
  }
  return undefined;
};

/** Where our own code is, `src/` or `dist/`: a stack begins there. */
const ours = join(import.meta.dirname, '..', '..');

export const failureOf = (thrown: unknown, file: string): Evaluated => {
  if (!(thrown instanceof Error) && typeof (thrown as Error | null)?.stack !== 'string') {
    const reason = `it throws ${typeof thrown === 'string' ? thrown : `a ${typeof thrown}`}`;
    return { kind: 'failed', reason, isMistake: true, line: null, elsewhere: null };
  }
  const error = thrown as Error;
  const positions = positionsIn(error.stack ?? '');
  // Modules are named by what a symbolic link leads to.
  const isConfig = (name: string): boolean => name === file || name === realpathSync(file);
  const own = positions.find((position) => isConfig(position.file));
  const other = positions.find((position) => !isConfig(position.file) && !position.file.startsWith(ours));
  const line = own?.line ?? (error.name === 'SyntaxError' ? lineOfSyntaxError(file) : undefined);
  const [message = ''] = error.message.split('\n');
  return {
    kind: 'failed',
    reason: `${error.name}: ${message}`,
    isMistake: true,
    line: line ?? null,
    elsewhere: line === undefined && other !== undefined ? `${other.file}:${other.line}` : null,
  };
};

const isModuleOfDefault = (value: unknown): value is { default: unknown } =>
  typeof value === 'object' && value !== null && '__esModule' in value && 'default' in value;

/** The default export; a module without one is the object of its exports. */
const exportOf = (module: Readonly<Record<string, unknown>>): unknown => {
  if (!('default' in module)) return { ...module };
  return isModuleOfDefault(module['default']) ? module['default'].default : module['default'];
};

/** Throws what the config throws. */
export const evaluate = async (
  file: string,
  argument: ConfigArgument,
  ownModule: string,
): Promise<Evaluated> => {
  provideOwnModule(ownModule);
  const made = exportOf((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const value: unknown =
    typeof made === 'function' ? await (made as (argument: ConfigArgument) => unknown)(argument) : await made;
  const notPlain: NotPlain[] = [];
  return { kind: 'value', value: toPlain(value, (part) => notPlain.push(part)), notPlain };
};
