/** What is run, and how often. */
import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import { SkeinError } from '../../core/errors.ts';
import type { AppConfig } from '../app-config.ts';
import { readName } from '../app-name.ts';
import type { ReadContext, TableOf } from '../field.ts';
import { either, flag, oneOf, text, words } from '../field-types.ts';
import { resolveInstances } from '../instances.ts';
import { findInterpreter } from '../interpreter.ts';
import type { Place } from '../place.ts';
import { badValue, readFlag, readOneOf, readText } from '../values.ts';
import { splitWords } from '../words.ts';

const readCwd = (place: Place, value: unknown, { cwd: base }: ReadContext): string => {
  const cwd = resolve(base, readText(place, value, 'a directory', './server'));
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return cwd;
  throw typeof place === 'string'
    ? new SkeinError('E_BAD_CWD', { cwd })
    : badValue(place, value, `a directory (there is no ${cwd})`, './server');
};

const readWords = (place: Place, value: unknown, example: string): string[] => {
  const parts = typeof value === 'string' ? splitWords(value) : value;
  if (!Array.isArray(parts)) throw badValue(place, value, 'text or a list of texts', example);
  return (parts as unknown[]).map((part) =>
    typeof part === 'number' || part === ''
      ? String(part)
      : readText(place, part, 'a list of texts', example),
  );
};

export const runFields: TableOf<
  Pick<
    AppConfig,
    | 'name'
    | 'script'
    | 'args'
    | 'cwd'
    | 'interpreter'
    | 'nodeArgs'
    | 'instances'
    | 'accept'
    | 'namespace'
    | 'autostart'
  >
> = {
  script: {
    type: text,
    doc: 'What is run: a file, or a program in PATH. The ending of the name says what runs it, unless `interpreter` does ([starting.md](starting.md#what-can-be-started)).',
    defaultText: 'required, unless it is a `balancer`',
    examples: ['./server.js', 'dist/main.ts', 'nginx'],
    read: (value, place) => ({ script: readText(place, value, 'a file', './server.js') }),
    get: ({ script, balancer }) => (balancer === null ? script : undefined),
  },
  name: {
    type: text,
    doc: 'What commands, logs and other apps call it: letters, digits and `. _ - @ +`, at most 64.',
    defaultText: 'the name of the script without its ending',
    examples: ['api'],
    read: (value, place) => ({ name: readName(value, place) }),
    get: ({ name }) => name,
  },
  args: {
    type: words,
    doc: 'Arguments of the script: a list, or one text that is split at spaces outside of quotes.',
    default: [],
    examples: [['--port', 3000], '--verbose --name "a b"'],
    read: (value, place) => ({ args: readWords(place, value, '["--port", "3000"]') }),
    get: ({ args }) => args,
  },
  cwd: {
    type: text,
    doc: 'The working directory of the app.',
    defaultText: 'the directory of the config file',
    examples: ['./'],
    flag: { option: '--cwd <dir>', summary: 'working directory of the app' },
    read: (value, place, context) => ({ cwd: readCwd(place, value, context) }),
    get: ({ cwd }) => cwd,
  },
  interpreter: {
    type: text,
    doc: 'The program that runs the script, by name or path, such as another Node. A program called `node` gets the preload and so all that Skein does for Node apps. `none`: the script itself is run, whatever its ending.',
    defaultText: 'by the ending of the script',
    examples: ['node'],
    flag: { option: '--interpreter <program>', summary: 'program that runs the script, e.g. another node' },
    read: (value, place, context) => ({
      interpreter:
        value === 'none' ? null : findInterpreter(readText(place, value, 'a program', 'node'), context),
    }),
    get: ({ interpreter }) => interpreter,
  },
  nodeArgs: {
    type: words,
    doc: 'Flags for Node itself, or for the interpreter.',
    default: [],
    examples: [['--max-old-space-size=512'], '--enable-source-maps'],
    flag: { option: '--node-args <args>', summary: 'flags for Node itself, in one word: "--a --b"' },
    read: (value, place) => ({ nodeArgs: readWords(place, value, '["--enable-source-maps"]') }),
    get: ({ nodeArgs }) => nodeArgs,
  },
  instances: {
    type: either(
      { ts: 'number', schema: { type: 'integer', minimum: -1024, maximum: 1024 } },
      {
        ts: 'string',
        schema: { type: 'string', pattern: '^\\s*(max|-?\\d+|\\d+(\\.\\d+)?%)\\s*$' },
      },
    ),
    doc: 'How many workers: a number, `max` (one for each CPU), `-1` (all CPUs but one) or `50%`.',
    default: 1,
    examples: [4, 'max', -1, '50%'],
    flag: {
      option: '-i, --instances <count>',
      summary: 'workers: a number, max, -1 (all CPUs but one) or 50%',
    },
    read: (value, place, { cpus }) => {
      if (typeof value !== 'string' && typeof value !== 'number')
        throw badValue(place, value, 'a number of workers, max, -1 or 50%', 'max');
      return { instances: resolveInstances(String(value), { cpus, current: null }, place) };
    },
    get: ({ instances }) => instances,
  },
  accept: {
    type: oneOf('shared', 'per-worker'),
    doc: 'How connections find a worker: all accept from one socket, or each from one of its own ([connections.md](connections.md)).',
    default: 'shared',
    examples: ['per-worker'],
    flag: { option: '--accept <mode>', summary: 'listening sockets: per-worker (one each) or shared' },
    read: (value, place) => ({ accept: readOneOf(place, value, ['per-worker', 'shared']) }),
    get: ({ accept }) => accept,
  },
  namespace: {
    type: text,
    doc: 'Groups apps: commands take it as a target.',
    defaultText: 'none',
    examples: ['shop'],
    flag: { option: '--namespace <name>', summary: 'groups apps; a target of commands' },
    read: (value, place) => ({ namespace: readName(value, place) }),
    get: ({ namespace }) => namespace,
  },
  autostart: {
    type: flag,
    doc: '`false`: the app is made known, and stays stopped until `skein start <name>`.',
    default: true,
    examples: [false],
    read: (value, place) => ({ autostart: readFlag(place, value) }),
  },
};
