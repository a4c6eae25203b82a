/** What the flags of a command say about how an app is to run: only what was given is in the result. */
import { SkeinError } from '../core/errors.ts';
import { layOver } from './draft.ts';
import { readEnvFile } from './env-file.ts';
import type { Draft, Field, Flag, ReadContext, Table } from './field.ts';
import { sections } from './fields.ts';
import { inheritedEnv } from './environment.ts';

/** The text, texts or truth of each flag that was given, under the name that commander makes of it. */
export interface WrittenSettings {
  readonly [flag: string]: unknown;
  /** Take over the whole present environment. */
  readonly updateEnv?: boolean;
}

export type SettingsContext = ReadContext;

export interface FlagField {
  readonly flag: Flag;
  readonly field: Field;
  /** `--kill-timeout` */
  readonly long: string;
  /** `killTimeout`: what commander makes of it. */
  readonly name: string;
  /** `logs.out`: the setting, as in docs/config.md. */
  readonly path: string;
  /** The section of docs/config.md that it is in. */
  readonly section: string;
}

const flagFieldsOf = (section: string, table: Table, above = ''): FlagField[] =>
  Object.entries(table).flatMap(([key, field]) => {
    const path = `${above}${key}`;
    const inner = field.fields === undefined ? [] : flagFieldsOf(section, field.fields, `${path}.`);
    if (field.flag === undefined) return inner;
    const long = /--[a-z-]+/.exec(field.flag.option)?.[0] ?? '';
    const name = long.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [{ flag: field.flag, field, long, name, path, section }, ...inner];
  });

/** All settings that have a flag, in the order of the tables. */
export const flagFields: readonly FlagField[] = sections.flatMap(({ title, fields }) =>
  flagFieldsOf(title, fields),
);

/**
 * @throws SkeinError E_BAD_VALUE, E_BAD_SIGNAL, E_BAD_CWD, E_NO_INTERPRETER: the first thing that is wrong
 */
export const readFlags = (written: WrittenSettings, context: SettingsContext): Draft => {
  let draft: Draft = {};
  for (const { field, long, name } of flagFields) {
    const value = written[name];
    if (value === undefined) continue;
    const place = value === false ? `--no-${long.slice(2)}` : long;
    draft = layOver(draft, field.read(value, place, context));
  }
  if (draft.group !== undefined && draft.user === undefined) {
    throw new SkeinError('E_USAGE', {
      reason: '--group says something only together with --user.',
      command: 'skein start',
    });
  }
  return written.updateEnv === true ? { ...draft, shellEnv: inheritedEnv(context.env) } : draft;
};

/**
 * The variables that flags declare: those of --env-file, over them those of --env.
 * @throws SkeinError E_ENV_FILE
 */
export const flagVariables = ({ envFiles = [], variables = {} }: Draft): Record<string, string> => {
  const merged: Record<string, string> = {};
  for (const path of envFiles) Object.assign(merged, readEnvFile(path, '--env-file').variables);
  for (const [name, value] of Object.entries(variables)) if (value !== null) merged[name] = value;
  return merged;
};
