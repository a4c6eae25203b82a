/** How an app goes with others, with its release and with its files. */
import { resolve } from 'node:path';
import type { Dependency } from '../../protocol/app-spec.ts';
import type { AppConfig, CronConfig, HooksConfig, WatchConfig } from '../app-config.ts';
import { readName } from '../app-name.ts';
import type { Table, TableOf } from '../field.ts';
import { duration, either, flag, onlyObject, text, texts } from '../field-types.ts';
import type { Place } from '../place.ts';
import { badValue, readDuration, readDurationOrZero, readOneOf, readText, readTexts } from '../values.ts';
import { writeDuration } from '../write-values.ts';

const conditions = ['started', 'ready'] as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readDependency = (place: Place, value: unknown): Dependency => {
  if (typeof value === 'string') {
    const [app, condition = 'ready'] = value.split(':');
    return { app: readName(app, place), condition: readOneOf(place, condition, conditions) };
  }
  if (!isObject(value) || Object.keys(value).some((key) => key !== 'app' && key !== 'condition'))
    throw badValue(place, value, 'the name of an app, or an object of app and condition', '{ "app": "db" }');
  return {
    app: readName(value['app'], place),
    condition: readOneOf(place, value['condition'] ?? 'ready', conditions),
  };
};

/** `'db'`, `['db', { app: 'queue', condition: 'started' }]`, `{ db: { condition: 'ready' } }` */
const readDependencies = (place: Place, value: unknown): Dependency[] => {
  if (isObject(value)) {
    return Object.entries(value).map(([app, rest]) =>
      readDependency(place, { app, ...(isObject(rest) ? rest : { condition: rest ?? 'ready' }) }),
    );
  }
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => readDependency(place, one));
};

const dependencySchema = {
  type: 'object',
  properties: { app: { type: 'string' }, condition: { enum: conditions } },
  required: ['app'],
  additionalProperties: false,
} as const;

const watch: TableOf<WatchConfig> = {
  paths: {
    type: texts,
    doc: 'Files and directories that are looked at.',
    defaultText: 'the working directory of the app',
    examples: [['src', 'config.json'], 'src'],
    flag: {
      option: '--watch-path <path>',
      summary: 'reload when this changes; repeatable',
      repeatable: true,
    },
    read: (value, place, { cwd }) => ({
      watch: {
        paths: readTexts(place, value, 'a path, or a list of paths', 'src').map((path) => resolve(cwd, path)),
      },
    }),
    get: (spec) => spec.watch?.paths,
  },
  ignore: {
    type: texts,
    doc: 'Glob patterns, from the working directory of the app. `node_modules` and names that begin with a dot are never looked at.',
    default: [],
    examples: [['**/*.test.ts', 'uploads/**']],
    flag: {
      option: '--watch-ignore <glob>',
      summary: 'what is not watched, e.g. uploads/**; repeatable',
      repeatable: true,
    },
    read: (value, place) => ({
      watch: { ignore: readTexts(place, value, 'a pattern, or a list of patterns', 'uploads/**') },
    }),
    get: (spec) => spec.watch?.ignore,
  },
  delay: {
    type: duration,
    doc: 'How long it must have been quiet before the reload.',
    default: '500ms',
    examples: ['2s'],
    flag: { option: '--watch-delay <time>', summary: 'quiet time before the reload (500ms)' },
    read: (value, place) => ({ watch: { delayMs: readDurationOrZero(place, value) } }),
    get: (spec) => spec.watch && writeDuration(spec.watch.delayMs),
  },
};

const cron: TableOf<CronConfig> = {
  expression: {
    type: text,
    doc: 'Minute, hour, day of the month, month, day of the week; with a sixth field, seconds stand first.',
    defaultText: 'required',
    examples: ['0 4 * * *', '30 0 4 * * MON'],
    flag: { option: '--cron <expression>', summary: 'rolling reload at these times: "0 4 * * *", or none' },
    read: (value, place) =>
      typeof place === 'string' && value === 'none'
        ? { cron: null }
        : { cron: { expression: readText(place, value, 'times of the calendar', '0 4 * * *') } },
    get: (spec) => spec.cron?.expression,
  },
  timeZone: {
    type: text,
    doc: 'The time zone of these times, as the IANA names it.',
    defaultText: 'that of the machine',
    examples: ['Europe/Berlin', 'UTC'],
    flag: { option: '--cron-time-zone <zone>', summary: 'the time zone of --cron, e.g. Europe/Berlin' },
    read: (value, place) => ({
      cron: { timeZone: readText(place, value, 'the name of a time zone', 'Europe/Berlin') },
    }),
    get: (spec) => spec.cron?.timeZone,
  },
};

const hooks: TableOf<HooksConfig> = {
  beforeRollout: {
    type: text,
    doc: 'Runs before the first worker is replaced, such as a migration. If it fails, nothing is replaced.',
    defaultText: 'none',
    examples: ['npm run migrate'],
    flag: { option: '--before-rollout <command>', summary: 'command before workers are replaced' },
    read: (value, place) => ({
      hooks: { before: readText(place, value, 'a command', 'npm run migrate') },
    }),
    get: (spec) => spec.hooks.before,
  },
  afterRollout: {
    type: text,
    doc: 'Runs when every new worker is ready, such as a test. If it fails, the old generation comes back.',
    defaultText: 'none',
    examples: ['./smoke-test.sh'],
    flag: { option: '--after-rollout <command>', summary: 'command when all new workers are ready' },
    read: (value, place) => ({
      hooks: { after: readText(place, value, 'a command', './smoke-test.sh') },
    }),
    get: (spec) => spec.hooks.after,
  },
  timeout: {
    type: duration,
    doc: 'How long each may take; one that takes longer has failed.',
    default: '5m',
    examples: ['30s'],
    flag: { option: '--hook-timeout <time>', summary: 'how long each of them may take (5m)' },
    read: (value, place) => ({ hooks: { timeoutMs: readDuration(place, value) } }),
    get: (spec) => writeDuration(spec.hooks.timeoutMs),
  },
};

/** Of a group whose object form has a table, what else can be written. */
const object = (what: string, example: string) => (value: unknown, place: Place) => {
  throw badValue(place, value, what, example);
};

const asTable = (table: Table): Table => table;

export const togetherFields: TableOf<Pick<AppConfig, 'dependsOn' | 'hooks' | 'watch' | 'cron'>> = {
  dependsOn: {
    type: either(
      {
        ts: 'readonly (string | Dependency)[]',
        schema: { type: 'array', items: { anyOf: [{ type: 'string' }, dependencySchema] } },
      },
      text,
      {
        ts: "Readonly<Record<string, 'started' | 'ready' | { readonly condition?: 'started' | 'ready' }>>",
        schema: {
          type: 'object',
          additionalProperties: {
            anyOf: [
              { enum: conditions },
              {
                type: 'object',
                properties: { condition: { enum: conditions } },
                additionalProperties: false,
              },
            ],
          },
        },
      },
    ),
    doc: 'Apps of the same file that come first. With the condition `ready` (unless said otherwise) all workers of the other app must be ready before this one starts, with `started` their processes must run. `"db:started"` is short for both.',
    default: [],
    examples: [['db', { app: 'queue', condition: 'started' }], { db: { condition: 'ready' } }, 'db:started'],
    flag: {
      option: '--depends-on <app>',
      summary: 'app that comes first, or app:started; repeatable',
      repeatable: true,
    },
    read: (value, place) => ({ dependsOn: readDependencies(place, value) }),
    get: (spec) => spec.dependsOn.map(({ app, condition }) => `${app}:${condition}`),
  },
  hooks: {
    type: onlyObject,
    doc: 'Shell commands around a rollout (`reload`, and `apply` where it replaces workers). They run in the working directory of the app, with its environment.',
    defaultText: 'none',
    examples: [{ beforeRollout: 'npm run migrate', timeout: '1m' }],
    read: object('an object of hooks', '{ "beforeRollout": "npm run migrate" }'),
    fields: asTable(hooks),
    interfaceName: 'HooksConfig',
  },
  watch: {
    type: either(flag, texts),
    doc: 'Reload, without losing a request, when files change: `true` for the working directory, paths, or an object.',
    default: false,
    examples: [true, ['src'], { paths: ['src'], ignore: ['**/*.test.ts'], delay: '1s' }],
    flag: {
      option: '--watch',
      summary: 'reload when a file in its directory changes',
      negative: 'stop watching',
    },
    read: (value, place, context) => {
      if (value === true) return { watch: {} };
      if (value === false) return { watch: null };
      return watch.paths.read(value, place, context);
    },
    get: (spec) => spec.watch !== null,
    on: { watch: {} },
    fields: asTable(watch),
    interfaceName: 'WatchConfig',
  },
  cron: {
    type: text,
    doc: 'Replace the workers, one after the other and without losing a request, at times of the calendar.',
    defaultText: 'none',
    examples: ['0 4 * * *', { expression: '0 4 * * SUN', timeZone: 'Europe/Berlin' }],
    read: (value, place, context) => cron.expression.read(value, place, context),
    fields: asTable(cron),
    interfaceName: 'CronConfig',
  },
};
