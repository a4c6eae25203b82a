/** One app of a PM2 file in Skein's words, and a line for each key that is lost on the way. Pure. */
import { isAbsolute, join } from 'node:path';
import { closest } from '../suggest.ts';
import { nameOfScript } from '../app-name.ts';
import { fields as settings } from '../fields.ts';
import { camelOf } from '../keys.ts';
import type { Pm2Key } from './keys.ts';
import type { KeyPath } from '../place.ts';
import { keyText, positionText } from '../place.ts';
import type { Fields } from './fields.ts';
import { Written } from './fields.ts';
import { findKey, knownNames } from './keys.ts';
import { logsOf } from './logs.ts';
import * as values from './values.ts';
import type { Place } from './values.ts';
import { watchOf } from './watch.ts';
import type { WrittenApp, WrittenLogs } from './written.ts';

export interface Pm2Context {
  /** The file as it is named in messages. */
  readonly file: string;
  /** The line of a value, where it is known. */
  readonly lineOf?: (path: KeyPath) => number | undefined;
  /** `--env`, which can be a part of the name; undefined: none. */
  readonly profile: string | undefined;
  /** Whether there is such a file; relative paths start where the file's do. */
  readonly isFile: (path: string) => boolean;
  /** The time to SIGKILL where the file has none, in milliseconds; undefined: Skein's own. */
  readonly killTimeoutMs?: number;
}

/** A key that Skein cannot honour. */
export interface Pm2Note {
  /** null: the file as a whole. */
  readonly app: string | null;
  readonly key: string;
  /** Why, and what to do: two sentences without a full stop, the second after a colon. */
  readonly text: string;
}

export interface ReadPm2App {
  readonly app: WrittenApp & { readonly name: string; readonly script: string };
  readonly notes: readonly Pm2Note[];
  /** As they were written, and where. */
  readonly fields: Fields;
  readonly path: KeyPath;
}

const asksForNothing = (value: unknown): boolean =>
  !values.isOn(value) || value === '' || (Array.isArray(value) && value.length === 0);

const noteOf = ({ fate }: Pm2Key, value: unknown): string | undefined => {
  switch (fate.kind) {
    case 'becomes':
      return undefined;
    case 'always':
      return fate.unless?.(value) === true ? `cannot be turned off, ${fate.how}: take it out` : undefined;
    case 'none':
      return asksForNothing(value) ? undefined : `has no equivalent, ${fate.why}: ${fate.advice}`;
  }
};

/** `env_file` is a file of variables, for whoever writes it. */
const isProfile = (key: string): boolean => /^env_./.test(key) && key !== 'env_file';

const unknownNote = (key: string): string => {
  if (Object.hasOwn(settings, camelOf(key)))
    return "is Skein's, not PM2's: write it in a skein.config file, `skein init` begins one";
  const near = closest(key, knownNames());
  return `is no key of PM2 or Skein: ${near === undefined ? 'take it out' : `did you mean ${near}?`}`;
};

/** A line for each key that Skein cannot honour, in the order of the file. */
const notesOf = (fields: Fields, app: string): Pm2Note[] =>
  Object.entries(fields).flatMap(([key, value]) => {
    if (isProfile(key)) return [];
    const known = findKey(key);
    const text = known === undefined ? unknownNote(key) : noteOf(known, value);
    return text === undefined ? [] : [{ app, key, text }];
  });

/** What its key alone decides. */
const simple = (written: Written, keys: readonly Pm2Key[]): WrittenApp => {
  const parts = keys.map(({ key, fate }): WrittenApp => {
    if (fate.kind !== 'becomes' || fate.read === undefined) return {};
    return written.read(key, fate.read) ?? {};
  });
  return Object.assign({}, ...parts) as WrittenApp;
};

/** `env_production` and the like, as they are in Skein's files as well. */
const profilesOf = (fields: Fields, placeOf: (key: string) => string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([key, value]) => isProfile(key) && value !== undefined && value !== null)
      .map(([key, value]) => [key, values.asVariables(value, { place: placeOf(key), key })]),
  );

/** PM2 looks for files from the app's own directory. */
const from = (cwd: string | undefined, path: string): string =>
  cwd === undefined || isAbsolute(path) ? path : join(cwd, path);

/** PM2 runs a text with spaces by the shell, unless it is the name of a file. */
const commandOf = (
  script: string,
  { args = [], cwd }: WrittenApp,
  context: Pm2Context,
): { readonly script: string; readonly args?: readonly string[] } => {
  const path = from(cwd, script);
  if (context.isFile(path)) return { script: path };
  return /\s/.test(script) ? { script: 'bash', args: ['-c', script, ...args] } : { script };
};

const logsFrom = (cwd: string | undefined, logs: WrittenLogs): WrittenLogs => ({
  ...logs,
  ...(logs.out !== undefined && { out: from(cwd, logs.out) }),
  ...(logs.err !== undefined && { err: from(cwd, logs.err) }),
  ...(logs.combined !== undefined && { combined: from(cwd, logs.combined) }),
});

const watchFrom = (cwd: string | undefined, { watch }: Pick<WrittenApp, 'watch'>): WrittenApp =>
  watch === undefined
    ? {}
    : { watch: { ...watch, paths: (watch.paths ?? []).map((path) => from(cwd, path)) } };

const nodeArgsOf = (written: Written): Pick<WrittenApp, 'nodeArgs'> => {
  const nodeArgs = [
    ...(written.isOn('source_map_support') ? ['--enable-source-maps'] : []),
    ...(written.read('node_args', values.asWords) ?? []),
  ];
  return nodeArgs.length === 0 ? {} : { nodeArgs };
};

const readyOf = (written: Written): Pick<WrittenApp, 'ready' | 'readyTimeout'> => {
  const timeout = written.read('listen_timeout', values.asDuration);
  // In PM2 a queue's consumer starts like a server.
  if (!written.isOn('wait_ready')) return { ready: 'auto' };
  return { ready: 'message', ...(timeout !== undefined && timeout > 0 && { readyTimeout: timeout }) };
};

/** Their apps listen for SIGINT, or for the message. */
const stopOf = (written: Written, context: Pm2Context): Pick<WrittenApp, 'stopSignal' | 'killTimeout'> => ({
  stopSignal: written.isOn('shutdown_with_message') ? 'message' : 'SIGINT',
  ...(context.killTimeoutMs !== undefined && { killTimeout: context.killTimeoutMs }),
});

const idText = (value: unknown, at: Place): string =>
  typeof value === 'number' ? String(value) : values.asText(value, at);

const nameOf = (written: Written, script: string, profile: string | undefined): string => {
  const base = written.read('name', idText) ?? nameOfScript(script);
  const prefix = written.read('name_prefix', values.asText) ?? '';
  const ending = written.isOn('append_env_to_name') && profile !== undefined ? `-${profile}` : '';
  return `${prefix}${base}${ending}`;
};

/** What PM2 takes and a name in Skein cannot have, such as a space, becomes `-`. */
const cleanName = (name: string): string => nameOfScript(`${name}.js`);

const environmentOf = (written: Written): Pick<WrittenApp, 'env'> => {
  const port = written.read('port', idText);
  const env = { ...written.read('env', values.asVariables), ...(port !== undefined && { PORT: port }) };
  return Object.keys(env).length === 0 ? {} : { env };
};

/** PM2's are the beginnings of names, or true for all. */
const inheritedOf = (written: Written): Pick<WrittenApp, 'inheritEnv'> => {
  const found = written.find('filter_env');
  if (found === undefined || asksForNothing(found.value)) return {};
  if (found.value === true || found.value === 'true') return { inheritEnv: false };
  return { inheritEnv: values.asWords(found.value, found.at).map((name) => `!${name}*`) };
};

const userOf = (written: Written): Pick<WrittenApp, 'user' | 'group'> => {
  const user = written.read('uid', idText);
  const group = written.read('gid', idText);
  return { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
};

const cronOf = (written: Written): Pick<WrittenApp, 'cron'> => {
  const found = written.find('cron_restart');
  // PM2's `0` takes a cron away from an app that had one.
  if (found === undefined || asksForNothing(found.value) || found.value === '0') return {};
  return { cron: values.asText(found.value, found.at) };
};

const checkMode = (written: Written): void => {
  written.read('exec_mode', (value, at) =>
    ['fork', 'cluster', 'fork_mode', 'cluster_mode'].includes(value as string)
      ? value
      : values.refuse(value, at, "'fork' or 'cluster'", "'cluster'"),
  );
};

/** `ecosystem.config.js:7, app api` */
const placesOf =
  ({ file, lineOf }: Pm2Context, path: KeyPath, app: string) =>
  (key: string): string =>
    `${positionText({ file, line: lineOf?.([...path, key]) })}${app === '' ? '' : `, ${app}`}`;

/**
 * @param path Where it stands in its file.
 * @throws SkeinError E_CONFIG_VALUE
 */
export const readPm2App = (
  value: unknown,
  path: KeyPath,
  keys: readonly Pm2Key[],
  context: Pm2Context,
): ReadPm2App => {
  const unnamedPlace = placesOf(context, path, keyText(path));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return values.refuse(
      value,
      { place: context.file, key: keyText(path) || 'the app' },
      'an app',
      "{ script: 'app.js' }",
    );
  const fields = value as Fields;
  const unnamed = new Written(fields, unnamedPlace);
  const script = unnamed.read('script', values.asText);
  if (script === undefined)
    return values.refuse(
      'missing',
      { place: unnamedPlace('script'), key: 'script' },
      'the file to run',
      "'app.js'",
    );
  const wanted = nameOf(unnamed, script, context.profile);
  const name = cleanName(wanted);
  const placeOf = placesOf(context, path, `app ${name}`);
  const written = new Written(fields, placeOf);
  checkMode(written);
  const own = simple(written, keys);
  const namespace = written.read('namespace', values.asText);
  const interpreter = written.read('interpreter', values.asText);
  const watch = watchOf(written, name);
  const logs = logsFrom(own.cwd, logsOf(written, own.instances));
  return {
    fields,
    path,
    app: {
      ...stopOf(written, context),
      ...own,
      name,
      ...commandOf(script, own, context),
      ...(namespace !== undefined && namespace !== 'default' && { namespace }),
      ...(interpreter !== undefined && interpreter !== 'node' && { interpreter }),
      ...nodeArgsOf(written),
      ...readyOf(written),
      ...environmentOf(written),
      ...inheritedOf(written),
      ...cronOf(written),
      ...userOf(written),
      ...watchFrom(own.cwd, watch.settings),
      ...(Object.keys(logs).length > 0 && { logs }),
      ...profilesOf(fields, placeOf),
    },
    notes: [
      ...(name === wanted
        ? []
        : [{ app: wanted, key: 'name', text: `has what a name cannot have: the app is ${name}` }]),
      ...notesOf(fields, name),
      ...watch.notes,
      ...(written.find('listen_timeout') !== undefined && !written.isOn('wait_ready')
        ? [
            {
              app: name,
              key: 'listen_timeout',
              text: 'counts only with wait_ready, else a worker has 30 s to listen: take it out',
            },
          ]
        : []),
    ],
  };
};
