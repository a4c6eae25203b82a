/**
 * What a running PM2 or its dump says of its processes, as the apps of an ecosystem file would
 * have it: processes of one name are one app. Pure.
 */
import { SkeinError } from '../../core/errors.ts';
import { isSecret } from '../secret-names.ts';
import { envOf } from './dump-env.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface DumpedApp {
  /** Keys and values of an ecosystem file. */
  readonly app: Readonly<Record<string, unknown>>;
  /** Names of variables whose values look secret and are left out. */
  readonly secrets: readonly string[];
  /** How many processes it has. */
  readonly processes: number;
  /** The address it seems to listen on: its PORT; null: it has none. */
  readonly port: string | null;
  readonly mode: 'fork' | 'cluster';
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const broken = (file: string, reason: string, cause?: unknown): SkeinError =>
  new SkeinError('E_PM2_DUMP', { file, reason }, { cause });

/** `jlist` has each description below `pm2_env`, a dump has it flat. */
const descriptionOf = (entry: unknown, nth: number, file: string): Fields => {
  const inner = isObject(entry) && isObject(entry['pm2_env']) ? entry['pm2_env'] : entry;
  if (!isObject(inner)) throw broken(file, `entry ${nth + 1} is no process`);
  if (typeof inner['name'] !== 'string' || inner['name'] === '')
    throw broken(file, `entry ${nth + 1} has no name`);
  if (typeof inner['pm_exec_path'] !== 'string' || inner['pm_exec_path'] === '')
    throw broken(file, `entry ${nth + 1} (${inner['name']}) has no script`);
  return inner;
};

/** PM2's own modules are listed like apps. */
const isModule = (entry: Fields): boolean =>
  isObject(entry['axm_options']) && entry['axm_options']['isModule'] === true;

/** Keys that stand in a description as somebody wrote them. */
const kept = [
  'args',
  'node_args',
  'namespace',
  'watch',
  'ignore_watch',
  'watch_delay',
  'max_memory_restart',
  'log_date_format',
  'log_type',
  'disable_logs',
  'autorestart',
  'max_restarts',
  'min_uptime',
  'restart_delay',
  'stop_exit_codes',
  'autostart',
  'kill_timeout',
  'listen_timeout',
  'wait_ready',
  'shutdown_with_message',
  'treekill',
  'cron_restart',
  'instance_var',
  'increment_var',
  'filter_env',
  'uid',
  'gid',
  'source_map_support',
  'watch_options',
  'post_update',
] as const;

/** What PM2 fills in where nobody wrote anything. */
const fillings: Fields = {
  namespace: 'default',
  watch: false,
  autorestart: true,
  autostart: true,
  treekill: true,
  instance_var: 'NODE_APP_INSTANCE',
  disable_logs: false,
};

const isFilling = (key: string, value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === fillings[key] ||
  (Array.isArray(value) && value.length === 0);

const settingsOf = (entry: Fields): Record<string, unknown> =>
  Object.fromEntries(kept.filter((key) => !isFilling(key, entry[key])).map((key) => [key, entry[key]]));

/** `/root/.pm2/pids/api-3.pid` tells where PM2 lives, and the number of the process. */
const pidFileOf = (entry: Fields): { readonly home: string | null; readonly id: string | null } => {
  const path = typeof entry['pm_pid_path'] === 'string' ? entry['pm_pid_path'] : '';
  const found = /^(.*)[\\/]pids[\\/].*?-(\d+)\.pid$/.exec(path);
  return { home: found?.[1] ?? null, id: found?.[2] ?? null };
};

/** Files in PM2's own directory are its defaults. Of several processes each name has the number. */
const logsOf = (entry: Fields, several: boolean): Record<string, unknown> => {
  const { home, id } = pidFileOf(entry);
  const named = (key: string): string | undefined => {
    const path = entry[key];
    if (typeof path !== 'string' || path === '') return undefined;
    if (home !== null && path.startsWith(`${home}/logs/`)) return undefined;
    return several && id !== null && entry['merge_logs'] !== true ? path.replace(`-${id}.`, '.') : path;
  };
  const files = Object.entries({
    out_file: named('pm_out_log_path'),
    error_file: named('pm_err_log_path'),
    log_file: named('pm_log_path'),
  }).filter(([, path]) => path !== undefined);
  return {
    ...Object.fromEntries(files),
    ...(files.length > 0 && several && entry['merge_logs'] === true && { merge_logs: true }),
  };
};

const scriptOf = (entry: Fields): Record<string, unknown> => {
  const path = entry['pm_exec_path'] as string;
  const args = Array.isArray(entry['args']) ? entry['args'] : [];
  // How PM2 keeps a command with spaces.
  if (/[\\/]bash$/.test(path) && args[0] === '-c' && args.length === 2) return { script: args[1] };
  return { script: path, ...(args.length > 0 && { args }) };
};

const interpreterOf = ({ exec_interpreter: interpreter }: Fields): Record<string, unknown> =>
  typeof interpreter !== 'string' || interpreter === 'node' || interpreter === '' ? {} : { interpreter };

const appOf = (
  entries: readonly Fields[],
  ambient: Readonly<Record<string, string | undefined>>,
): DumpedApp => {
  const [first = {}] = entries;
  const name = first['name'] as string;
  const mode = first['exec_mode'] === 'cluster_mode' ? 'cluster' : 'fork';
  const { args: _, ...settings } = settingsOf(first);
  const all = envOf(first, ambient);
  // Each process has its own of these; that of the first is where counting starts.
  const secrets = Object.keys(all).filter((key) => isSecret(key, all[key] ?? ''));
  const env = Object.fromEntries(Object.entries(all).filter(([key]) => !secrets.includes(key)));
  const script = scriptOf(first);
  const shell = script['args'] === undefined && /\s/.test(String(script['script']));
  return {
    app: {
      name,
      ...script,
      cwd: first['pm_cwd'],
      ...(!shell && interpreterOf(first)),
      ...(entries.length > 1 && { instances: entries.length }),
      exec_mode: mode,
      ...settings,
      ...(entries.every(({ status }) => status === 'stopped') && { autostart: false }),
      ...logsOf(first, entries.length > 1),
      ...(Object.keys(env).length > 0 && { env }),
    },
    secrets,
    processes: entries.length,
    port: all['PORT'] ?? null,
    mode,
  };
};

/** The first counts where a variable is raised from one to the next. */
const instanceOf = (entry: Fields): number => Number(entry['NODE_APP_INSTANCE'] ?? 0);

/**
 * @param text JSON: what `pm2 jlist` prints, or a dump.
 * @param file How messages name it.
 * @param ambient The environment of whoever imports: variables that are the same there are the shell's.
 * @throws SkeinError E_PM2_DUMP: it is neither, or has no app
 */
export const readDump = (
  text: string,
  file: string,
  ambient: Readonly<Record<string, string | undefined>>,
): DumpedApp[] => {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw broken(file, text.trim() === '' ? 'it is empty' : 'it is not JSON', error);
  }
  if (!Array.isArray(value)) throw broken(file, 'it is not a list');
  const entries = value
    .map((entry: unknown, nth) => descriptionOf(entry, nth, file))
    .filter((entry) => !isModule(entry));
  if (entries.length === 0) throw broken(file, 'there are no apps in it');
  const names = [...new Set(entries.map((entry) => entry['name'] as string))];
  return names.map((name) => {
    const own = entries.filter((entry) => entry['name'] === name);
    return appOf(
      own.toSorted((a, b) => instanceOf(a) - instanceOf(b)),
      ambient,
    );
  });
};
