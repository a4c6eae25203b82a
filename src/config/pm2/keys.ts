/**
 * Every key that an app of a PM2 file may have, and what becomes of it. The table of
 * docs/migrating-from-pm2.md is made of this one and kept equal by a test.
 */
import type { Place } from './values.ts';
import * as values from './values.ts';
import type { WrittenApp } from './written.ts';

type Read = (value: unknown, at: Place) => WrittenApp;

export type Fate =
  /** Skein has it. `read` is missing where several keys together make one setting (app.ts). */
  | { readonly kind: 'becomes'; readonly setting: string; readonly note?: string; readonly read?: Read }
  /** Skein does what it asks for without being asked; `unless` a value asks for the opposite. */
  | { readonly kind: 'always'; readonly how: string; readonly unless?: (value: unknown) => boolean }
  /** Skein has nothing like it; said once, unless the value asks for nothing. */
  | { readonly kind: 'none'; readonly why: string; readonly advice: string };

export interface Pm2Key {
  /** As PM2's documentation writes it; camelCase is accepted as well. */
  readonly key: string;
  readonly aliases: readonly string[];
  readonly fate: Fate;
}

const names = (text: string): readonly [string, readonly string[]] => {
  const [key = '', ...aliases] = text.split(' ');
  return [key, aliases];
};

const becomes = (keys: string, setting: string, read?: Read, note?: string): Pm2Key => {
  const [key, aliases] = names(keys);
  const fate = {
    kind: 'becomes',
    setting,
    ...(read && { read }),
    ...(note !== undefined && { note }),
  } as const;
  return { key, aliases, fate };
};

const always = (keys: string, how: string, unless?: (value: unknown) => boolean): Pm2Key => {
  const [key, aliases] = names(keys);
  return { key, aliases, fate: { kind: 'always', how, ...(unless && { unless }) } };
};

const none = (keys: string, why: string, advice: string): Pm2Key => {
  const [key, aliases] = names(keys);
  return { key, aliases, fate: { kind: 'none', why, advice } };
};

const { isOn } = values;
const isOff = (value: unknown): boolean => !isOn(value);
const monitoring = "it belongs to PM2's monitoring service";
const takeItOut = 'take it out';

export const pm2Keys: readonly Pm2Key[] = [
  becomes('script exec cmd command', 'script', undefined, 'a text with spaces is run by `bash -c`'),
  becomes('name', 'name', undefined, 'what a name cannot have becomes `-`'),
  becomes('args', 'args', (value, at) => ({ args: values.asWords(value, at) })),
  becomes('cwd', 'cwd', (value, at) => ({ cwd: values.asText(value, at) })),
  becomes(
    'interpreter exec_interpreter',
    'interpreter',
    undefined,
    '`node` is the default; `none`: the script itself is run',
  ),
  becomes('node_args interpreter_args', 'nodeArgs'),
  becomes(
    'instances',
    'instances',
    (value, at) => ({ instances: values.asInstances(value, at) }),
    'the CPUs of `max` are those that the cgroup allows',
  ),
  becomes(
    'exec_mode',
    'ready',
    undefined,
    '`ready: auto` for both: a program that does not listen within 3 s is taken for no server. Workers always share their port',
  ),
  becomes('env', 'env', undefined, 'and `env_<name>`: the profile of `--env <name>`'),
  becomes(
    'env_file',
    'envFile',
    (value, at) => ({ envFile: values.asPaths(value, at) }),
    'a dotenv file, looked up from the directory of the file that names it',
  ),
  becomes('watch', 'watch', undefined, 'a graceful reload instead of a kill'),
  becomes('ignore_watch', 'watch.ignore', undefined, 'globs; regular expressions are named in a line'),
  becomes('watch_delay', 'watch.delay'),
  none(
    'watch_options',
    'how files are watched cannot be set',
    'take it out; `watch` and `ignore_watch` work',
  ),
  becomes(
    'max_memory_restart',
    'maxMemory',
    (value, at) => ({ maxMemory: values.asSize(value, at) }),
    'the worker is replaced, its requests end first',
  ),
  becomes('out_file out output out_log', 'logs.out'),
  becomes('error_file error err err_file err_log', 'logs.err'),
  becomes('log_file log', 'logs.combined'),
  becomes(
    'merge_logs combine_logs',
    'logs.perWorker',
    undefined,
    '`false` with several instances: a file for each',
  ),
  becomes('log_date_format', 'logs.timestamp'),
  becomes('time', 'logs.timestamp', undefined, '`YYYY-MM-DDTHH:mm:ss`, as PM2 writes it'),
  becomes('log_type', 'logs.format'),
  becomes('disable_logs', 'logs.enabled'),
  becomes('autorestart', 'autorestart', (value, at) => ({ autorestart: values.asFlag(value, at) })),
  becomes(
    'max_restarts',
    'maxRestarts',
    (value, at) => ({ maxRestarts: values.asCount(value, at) }),
    'counted within 5 minutes',
  ),
  none(
    'min_uptime',
    'restarts are counted within 5 minutes, however long a worker lived',
    'set `max_restarts` if Skein is to give up',
  ),
  becomes(
    'restart_delay',
    'restartDelay',
    (value, at) => ({ restartDelay: values.asDuration(value, at) }),
    'the least; it grows while the app keeps crashing',
  ),
  always('exp_backoff_restart_delay', 'restarts that follow each other wait longer and longer'),
  becomes('stop_exit_codes', 'stopExitCodes', (value, at) => ({
    stopExitCodes: values.asExitCodes(value, at),
  })),
  becomes('autostart', 'autostart', (value, at) => ({ autostart: values.asFlag(value, at) })),
  becomes(
    'kill_timeout',
    'killTimeout',
    (value, at) => ({ killTimeout: values.asDuration(value, at) }),
    'counted from the stop signal, which comes when the requests have ended',
  ),
  becomes(
    'listen_timeout',
    'readyTimeout',
    undefined,
    'with `wait_ready`; a worker that is not ready in time fails the reload',
  ),
  becomes('wait_ready', 'ready', undefined, "`'message'`: `process.send('ready')`"),
  becomes('shutdown_with_message', 'stopSignal', undefined, "`'message'`"),
  always('treekill', 'the worker and all its children are ended', isOff),
  none('kill_retry_time', 'the end of a process is told by the system, not asked for', takeItOut),
  becomes('cron_restart cron', 'cron', undefined, 'a rolling reload'),
  becomes('namespace', 'namespace'),
  becomes('name_prefix', 'name', undefined, 'put before the name'),
  becomes('append_env_to_name', 'name', undefined, '`-<name>` of `--env <name>` is put behind it'),
  becomes('port', 'env.PORT'),
  becomes('instance_var', 'instanceVar', (value, at) => ({ instanceVar: values.asText(value, at) })),
  becomes('increment_var', 'incrementVar', (value, at) => ({ incrementVar: values.asText(value, at) })),
  becomes('filter_env', 'inheritEnv', undefined, "`['AWS_']` as `['!AWS_*']`, `true` as `false`"),
  none('force', 'a name stands for one app', 'give the second app a name of its own'),
  becomes('uid user', 'user', undefined, 'with all groups of that user'),
  becomes('gid', 'group'),
  none('pid_file pid', 'pids are not kept in files', '`skein pid <app>` prints them'),
  always('windowsHide', 'no window is opened', isOff),
  becomes('source_map_support', 'nodeArgs', undefined, '`--enable-source-maps`, when it is true'),
  always('disable_source_map_support', 'Node reads no source maps unless asked to'),
  none('vizion', 'the state of a git repository is not read', takeItOut),
  none('pmx', monitoring, takeItOut),
  none('automation', monitoring, takeItOut),
  none('trace', monitoring, takeItOut),
  always('disable_trace', 'nothing is traced'),
  none('v8', monitoring, takeItOut),
  none('event_loop_inspector', monitoring, takeItOut),
  none('deep_monitoring', monitoring, takeItOut),
  none('io', monitoring, takeItOut),
  none(
    'post_update',
    'Skein does not fetch the code of an app',
    'run these commands before `skein reload`, or as `hooks.beforeRollout`',
  ),
  none('install_url', 'Skein has no modules', takeItOut),
  none('write', 'Skein does not write config files of its own accord', takeItOut),
  none('username', 'PM2 itself sets it', 'name the user of the app with `user`'),
  none('execute_command', 'a script is always run as a process of its own', takeItOut),
];

/** `maxMemoryRestart` as `max_memory_restart`. */
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const byName = new Map(
  pm2Keys.flatMap((entry) => [entry.key, ...entry.aliases].map((name) => [name, entry])),
);

/** The entry of a key as somebody wrote it; undefined when PM2 has none such. */
export const findKey = (written: string): Pm2Key | undefined =>
  byName.get(written) ?? byName.get(snake(written));

/** All names that `findKey` knows, for `Did you mean …?`. */
export const knownNames = (): string[] => [...byName.keys()];
