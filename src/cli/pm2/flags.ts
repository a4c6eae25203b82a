/**
 * Every flag of PM2's command line, and what becomes of it. A flag that says how an app runs is
 * the key of an ecosystem file in another form, and is read as that key (src/config/pm2/).
 * The table of docs/migrating-from-pm2.md is made of this one and kept equal by a test.
 */

export type Pm2Flag = {
  /** `-i --instances` */
  readonly names: readonly string[];
  readonly takes: 'nothing' | 'a value' | 'perhaps a value';
  /** What `skein` calls it; null: it needs none, or has none. */
  readonly skein: string | null;
} & (
  | { readonly kind: 'key'; readonly key: string; readonly value?: (text: string | true) => unknown }
  | { readonly kind: 'option'; readonly option: Option }
  /** Accepted, and told that it does nothing; null: nothing is lost. */
  | { readonly kind: 'ignored'; readonly why: string | null }
);

/** What skein-pm2 itself does with a flag. */
export type Option =
  | 'force'
  | 'env'
  | 'only'
  | 'updateEnv'
  | 'parallel'
  | 'silent'
  | 'mini'
  | 'sort'
  | 'noDaemon'
  | 'help'
  | 'version'
  | 'lines'
  | 'nostream'
  | 'json'
  | 'raw'
  | 'onlyErr'
  | 'onlyOut'
  | 'timestamp'
  | 'startupUser'
  | 'startupHome'
  | 'serviceName';

type Takes = Pm2Flag['takes'];

const key = (
  names: string,
  takes: Takes,
  name: string,
  skein: string | null,
  value?: (text: string | true) => unknown,
): Pm2Flag => ({ names: names.split(' '), takes, kind: 'key', key: name, skein, ...(value && { value }) });

const option = (names: string, takes: Takes, name: Option, skein: string | null): Pm2Flag => ({
  names: names.split(' '),
  takes,
  kind: 'option',
  option: name,
  skein,
});

const ignored = (names: string, takes: Takes, why: string | null): Pm2Flag => ({
  names: names.split(' '),
  takes,
  kind: 'ignored',
  why,
  skein: null,
});

const off = (): boolean => false;
const list = (text: string | true): unknown => (text === true ? true : text.split(/[\s,]+/).filter(Boolean));

/** On the command line a bare number is seconds; in a file it is milliseconds. */
const watchDelay = (text: string | true): unknown =>
  text !== true && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : text;

const MONITORING = "it belongs to PM2's monitoring service";

export const pm2Flags: readonly Pm2Flag[] = [
  key('-n --name', 'a value', 'name', '--name'),
  key('-i --instances', 'a value', 'instances', '--instances'),
  option('-f --force', 'nothing', 'force', null),
  key('--watch', 'perhaps a value', 'watch', '--watch', list),
  key('--ignore-watch', 'a value', 'ignore_watch', '--watch-ignore', list),
  key('--watch-delay', 'a value', 'watch_delay', '--watch-delay', watchDelay),
  ignored('--ext', 'a value', '`watch` looks at files of every kind'),
  key('--max-memory-restart', 'a value', 'max_memory_restart', '--max-memory'),
  option('--env', 'a value', 'env', '--env'),
  option('-a --update-env', 'nothing', 'updateEnv', '--update-env'),
  option('--only', 'a value', 'only', '--only'),
  key('--interpreter', 'a value', 'interpreter', '--interpreter'),
  key('--node-args --interpreter-args', 'a value', 'node_args', '--node-args'),
  key('-o --output', 'a value', 'out_file', '--log-out'),
  key('-e --error', 'a value', 'error_file', '--log-err'),
  key('-l --log', 'perhaps a value', 'log_file', '--log-combined'),
  key('--merge-logs', 'nothing', 'merge_logs', null),
  key('--log-type', 'a value', 'log_type', '--log-format'),
  key('--log-date-format', 'a value', 'log_date_format', '--log-timestamp'),
  key('--time', 'nothing', 'time', '--log-timestamp'),
  key('--disable-logs', 'nothing', 'disable_logs', '--no-logs'),
  key('-c --cron --cron-restart', 'a value', 'cron_restart', '--cron'),
  key('--no-autorestart', 'nothing', 'autorestart', '--no-autorestart', off),
  key('--stop-exit-codes', 'a value', 'stop_exit_codes', '--stop-exit-codes', list),
  key('--restart-delay', 'a value', 'restart_delay', '--restart-delay'),
  key('--exp-backoff-restart-delay', 'a value', 'exp_backoff_restart_delay', null),
  key('--max-restarts', 'a value', 'max_restarts', '--max-restarts'),
  key('-k --kill-timeout', 'a value', 'kill_timeout', '--kill-timeout'),
  key('--listen-timeout', 'a value', 'listen_timeout', '--ready-timeout'),
  key('--wait-ready', 'nothing', 'wait_ready', '--ready message'),
  key('--shutdown-with-message', 'nothing', 'shutdown_with_message', '--stop-signal message'),
  key('--no-treekill', 'nothing', 'treekill', null, off),
  key('--namespace', 'a value', 'namespace', '--namespace'),
  key('--cwd', 'a value', 'cwd', '--cwd'),
  key('-p --pid', 'a value', 'pid_file', null),
  key('-u --user --uid', 'a value', 'uid', '--user'),
  key('--gid', 'a value', 'gid', '--group'),
  key('--filter-env', 'perhaps a value', 'filter_env', null, list),
  key('-x --execute-command', 'nothing', 'execute_command', null),
  key('--source-map-support', 'nothing', 'source_map_support', '--node-args=--enable-source-maps'),
  ignored('--disable-source-map-support', 'nothing', null),
  key('--no-autostart', 'nothing', 'autostart', null, off),
  option('--parallel', 'a value', 'parallel', '--parallel'),
  option('--no-daemon --attach', 'nothing', 'noDaemon', 'run'),
  option('-s --silent', 'nothing', 'silent', null),
  option('-m --mini-list', 'nothing', 'mini', null),
  option('--sort', 'a value', 'sort', null),
  option('-h --help', 'nothing', 'help', '--help'),
  option('-v -V --version', 'nothing', 'version', '--version'),
  option('--lines', 'a value', 'lines', '--lines'),
  option('--nostream', 'nothing', 'nostream', null),
  option('--json', 'nothing', 'json', '--json'),
  option('--raw', 'nothing', 'raw', null),
  option('--err', 'nothing', 'onlyErr', '--err'),
  option('--out', 'nothing', 'onlyOut', '--out'),
  option('--timestamp', 'perhaps a value', 'timestamp', null),
  option('--hp', 'a value', 'startupHome', null),
  option('--service-name', 'a value', 'serviceName', null),
  ignored('--format', 'nothing', 'lines are printed as they are'),
  ignored('--highlight', 'perhaps a value', 'use grep --color'),
  ignored('--no-color -w --write --no-vizion --no-pmx --no-automation --disable-trace', 'nothing', null),
  ignored('--wait-ip', 'nothing', null),
  ignored('--trace --v8 --event-loop-inspector --deep-monitoring', 'nothing', MONITORING),
  ignored('--fresh', 'nothing', 'there is no cache of scripts'),
];

const byName = new Map(pm2Flags.flatMap((flag) => flag.names.map((name) => [name, flag])));

export const findFlag = (name: string): Pm2Flag | undefined => byName.get(name);
