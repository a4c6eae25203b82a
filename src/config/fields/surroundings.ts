/** What an app finds around it: its environment and its user. */
import { resolve } from 'node:path';
import type { AppConfig } from '../app-config.ts';
import type { TableOf, Variables } from '../field.ts';
import { either, flag, id, texts, variableName, variables } from '../field-types.ts';
import type { Place } from '../place.ts';
import { badValue, readFlag, readTexts, readVariableName, readVariables } from '../values.ts';

/** One variable. Its value may be secret, so no error has it. */
const readVariable = (place: Place, value: unknown): string | null => {
  if (value === null) return null;
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isPlain) throw badValue(place, value, 'text, a number, true, false or null', '"3000"');
  const text = String(value);
  if (text.includes('\0')) throw badValue(place, 'text with a NUL character', 'one a process can have', 'on');
  return text;
};

/** What stands where variables should, without what may be a secret in it. */
const kindOf = (value: unknown): unknown => (typeof value === 'string' ? 'text' : value);

const inner = (place: Place, key: string): Place =>
  typeof place === 'string' ? place : { ...place, key: `${place.key}.${key}` };

/** An object of variables. */
export const readEnv = (place: Place, value: unknown): Variables => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badValue(place, kindOf(value), 'an object of variables', '{ "PORT": 3000 }');
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (name === '' || /[=\0]/.test(name))
        throw badValue(place, name, 'the name of an environment variable', 'PORT');
      return [name, readVariable(inner(place, name), one)];
    }),
  );
};

const readInherit = (place: Place, value: unknown): boolean | readonly string[] =>
  typeof value === 'boolean'
    ? value
    : readTexts(place, value, 'true, false or a list of names of variables', '["PATH", "LC_*"]');

const readId = (place: Place, value: unknown, what: string): string => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return String(value);
  if (typeof value === 'string' && /^[\w.][\w.@$-]*$/.test(value)) return value;
  throw badValue(place, value, `the name or number of a ${what}`, 'www-data');
};

export const surroundingsFields: TableOf<
  Pick<
    AppConfig,
    'env' | 'envFile' | 'inheritEnv' | 'saveSecrets' | 'incrementVar' | 'instanceVar' | 'user' | 'group'
  >
> = {
  env: {
    type: variables,
    doc: 'Environment variables. Numbers, `true` and `false` become text; `null` takes a variable away; what is inherited is fixed at the first start, or with `--update-env`. `env_<profile>` is laid over it when a command has `--env <profile>`.',
    default: {},
    examples: [{ PORT: 3000, NODE_ENV: 'production', DEBUG: null }],
    flag: {
      option: '--env <KEY=VALUE>',
      summary: 'variable for the app, or profile of a config file',
      repeatable: true,
    },
    read: (value, place) =>
      typeof place === 'string'
        ? { variables: readVariables(place, value as readonly string[]) }
        : { variables: readEnv(place, value) },
  },
  envFile: {
    type: texts,
    doc: 'Files with variables, in the syntax of dotenv as Node reads it; of several the last wins, and `env` wins over all of them.',
    default: [],
    examples: ['.env', ['.env', '.env.local']],
    flag: {
      option: '--env-file <file>',
      summary: 'file with variables (dotenv); repeatable',
      repeatable: true,
    },
    read: (value, place, { cwd }) => ({
      envFiles: readTexts(place, value, 'a file, or a list of files', '.env').map((file) =>
        resolve(cwd, file),
      ),
    }),
  },
  inheritEnv: {
    type: either(flag, { ts: 'readonly string[]', schema: { type: 'array', items: { type: 'string' } } }),
    doc: 'What the app inherits of the environment of the command that starts it first: all, nothing, or the variables with these names, in which `*` stands for any text. Names behind a `!` are left out. Later commands take the present environment over only with `--update-env`.',
    default: true,
    examples: [false, ['PATH', 'HOME', 'LC_*'], ['!AWS_*']],
    read: (value, place) => ({ inheritEnv: readInherit(place, value) }),
  },
  saveSecrets: {
    type: flag,
    doc: 'Whether values of variables that look like secrets (`*_TOKEN`, `*PASSWORD*`, …) may be kept on disk, so that the app has them again after a reboot.',
    default: false,
    examples: [true],
    flag: { option: '--save-secrets', summary: 'keep secret-looking variables on disk' },
    read: (value, place) => ({ saveSecrets: readFlag(place, value) }),
    get: ({ saveSecrets }) => saveSecrets,
  },
  incrementVar: {
    type: variableName,
    doc: 'A variable that gets the number of the slot added, such as `PORT`: 3000 in the first worker, 3001 in the second.',
    defaultText: 'none',
    examples: ['PORT'],
    flag: { option: '--increment-var <name>', summary: "variable that gets the worker's number added" },
    read: (value, place) => ({ incrementVar: readVariableName(place, value) }),
    get: ({ incrementVar }) => incrementVar,
  },
  instanceVar: {
    type: variableName,
    doc: 'The variable that has the number of the slot.',
    default: 'NODE_APP_INSTANCE',
    examples: ['WORKER'],
    flag: { option: '--instance-var <name>', summary: "variable that has the worker's number" },
    read: (value, place) => ({ instanceVar: readVariableName(place, value) }),
    get: ({ instanceVar }) => instanceVar,
  },
  user: {
    type: id,
    doc: 'The user of the workers, by name or number, with the groups that user is in. Only where Skein runs as root.',
    defaultText: 'the user that runs Skein',
    examples: ['www-data', 33],
    flag: { option: '--user <user>', summary: 'run the workers as this user (Skein runs as root)' },
    read: (value, place) => ({ user: readId(place, value, 'user') }),
    get: ({ runAs }) => runAs?.user ?? null,
  },
  group: {
    type: id,
    doc: 'Their group, by name or number.',
    defaultText: "the user's own group",
    examples: ['www-data', 33],
    flag: { option: '--group <group>', summary: "their group (the user's own)" },
    read: (value, place) => ({ group: readId(place, value, 'group') }),
    get: ({ runAs }) => runAs?.gid ?? null,
  },
};
