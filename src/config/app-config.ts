/**
 * The settings of an app, as a config file has them. Made from the tables in fields/ by
 * `npm run docs:config`; a test keeps the two equal.
 */

/** Milliseconds, or text such as `500ms`, `30s`, `2m`, `1h`, `1d`. */
export type Duration = number | string;

/** Bytes, or text such as `512MiB` or `1.5G`; units are powers of 1024. */
export type Size = number | string;

/** Environment variables; null takes one away. */
export type Variables = Readonly<Record<string, string | number | boolean | null>>;

/** Another app of the file that comes first. */
export interface Dependency {
  readonly app: string;
  /** `ready` unless said otherwise. */
  readonly condition?: 'started' | 'ready';
}

export interface HooksConfig {
  /** Runs before the first worker is replaced, such as a migration. If it fails, nothing is replaced. By
   *  default: none. */
  readonly beforeRollout?: string;
  /** Runs when every new worker is ready, such as a test. If it fails, the old generation comes back. By
   *  default: none. */
  readonly afterRollout?: string;
  /** How long each may take; one that takes longer has failed. By default: `5m`. */
  readonly timeout?: Duration;
}

export interface WatchConfig {
  /** Files and directories that are looked at. By default: the working directory of the app. */
  readonly paths?: string | readonly string[];
  /** Glob patterns, from the working directory of the app. `node_modules` and names that begin with a dot
   *  are never looked at. By default: `[]`. */
  readonly ignore?: string | readonly string[];
  /** How long it must have been quiet before the reload. By default: `500ms`. */
  readonly delay?: Duration;
}

export interface CronConfig {
  /** Minute, hour, day of the month, month, day of the week; with a sixth field, seconds stand first. */
  readonly expression: string;
  /** The time zone of these times, as the IANA names it. By default: that of the machine. */
  readonly timeZone?: string;
}

export interface RotateConfig {
  /** Begin a new file when the present one has this size. By default: `50MiB`. */
  readonly size?: Size | 'none' | 'off' | null | false;
  /** Begin a new file every so often, counted from local midnight. By default: `none`. */
  readonly every?: Duration | 'none' | 'off' | null | false;
  /** How many old files are kept of each log. By default: `10`. */
  readonly keep?: number;
  /** How much the old files of each log may have together. By default: `none`. */
  readonly totalSize?: Size | 'none' | 'off' | null | false;
  /** Whether old files are compressed (gzip). By default: `true`. */
  readonly compress?: boolean;
}

export interface LogsConfig {
  /** `false`: what the app prints is dropped. By default: `true`. */
  readonly enabled?: boolean;
  /** The file for stdout. It may be that of stderr too. By default: `<home>/logs/<app>.out.log`. */
  readonly out?: string;
  /** The file for stderr. By default: `<home>/logs/<app>.err.log`. */
  readonly err?: string;
  /** A file that gets both beside their own. By default: none. */
  readonly combined?: string;
  /** A file for each worker, with the number of its slot before the ending of the name. By default:
   *  `false`. */
  readonly perWorker?: boolean;
  /** `json`: each line becomes one JSON object. By default: `plain`. */
  readonly format?: 'plain' | 'json';
  /** What is put before plain lines: `true` or `iso`, or letters such as `YYYY-MM-DD HH:mm:ss.SSS Z`. By
   *  default: `false`. */
  readonly timestamp?: boolean | string;
  /** When a file is set aside and a new one begun; `false`: never. By default: `true`. */
  readonly rotate?: boolean | RotateConfig;
}

export interface AppConfig {
  /** What is run: a file, or a program in PATH. The ending of the name says what runs it, unless
   *  `interpreter` does (starting.md). */
  readonly script: string;
  /** What commands, logs and other apps call it: letters, digits and `. _ - @ +`, at most 64. By default:
   *  the name of the script without its ending. */
  readonly name?: string;
  /** Arguments of the script: a list, or one text that is split at spaces outside of quotes. By default:
   *  `[]`. */
  readonly args?: string | readonly (string | number)[];
  /** The working directory of the app. By default: the directory of the config file. */
  readonly cwd?: string;
  /** The program that runs the script, by name or path, such as another Node. A program called `node`
   *  gets the preload and so all that Skein does for Node apps. `none`: the script itself is run,
   *  whatever its ending. By default: by the ending of the script. */
  readonly interpreter?: string;
  /** Flags for Node itself, or for the interpreter. By default: `[]`. */
  readonly nodeArgs?: string | readonly (string | number)[];
  /** How many workers: a number, `max` (one for each CPU), `-1` (all CPUs but one) or `50%`. By default:
   *  `1`. */
  readonly instances?: number | string;
  /** How connections find a worker: all accept from one socket, or each from one of its own
   *  (connections.md). By default: `shared`. */
  readonly accept?: 'shared' | 'per-worker';
  /** Groups apps: commands take it as a target. By default: none. */
  readonly namespace?: string;
  /** `false`: the app is made known, and stays stopped until `skein start <name>`. By default: `true`. */
  readonly autostart?: boolean;
  /** When a worker may take traffic: it listens, it called `process.send("ready")`, its process runs, it
   *  listens or has lived for 3 s without (`auto`), or GET of this path on its first HTTP server answers
   *  2xx or 3xx (starting.md). By default: `listening` for Node, `started` for other programs. */
  readonly ready?: 'listening' | 'message' | 'started' | 'auto' | `/${string}`;
  /** How long a worker may take to be ready. By default: `30s`. */
  readonly readyTimeout?: Duration;
  /** What asks a worker to end, after its drain: the name of a signal, or `message` for
   *  `process.emit("message", "shutdown")` in the worker. By default: `SIGTERM`. */
  readonly stopSignal?: string;
  /** How long open connections may take to end when a worker is replaced or stopped (draining.md). By
   *  default: `30s`. */
  readonly drainTimeout?: Duration;
  /** From the stop signal to SIGKILL. By default: `10s`. */
  readonly killTimeout?: Duration;
  /** Whether a worker that ends is started again (restarts.md). By default: `true`. */
  readonly autorestart?: boolean;
  /** Give up after so many restarts of a worker within 5 minutes. By default: `none`. */
  readonly maxRestarts?: number | 'none' | 'off' | null | false;
  /** Exit codes that are a wanted end: the worker is not started again. By default: `[]`. */
  readonly stopExitCodes?: number | string | readonly number[];
  /** The least pause before a restart. A worker that crashes again and again is given longer ones in any
   *  case. By default: `0`. */
  readonly restartDelay?: Duration;
  /** Replace a worker whose process tree has more resident memory than this, without losing a request. By
   *  default: `none`. */
  readonly maxMemory?: Size | 'none' | 'off' | null | false;
  /** Replace a worker whose event loop has been blocked for this long. By default: `none`. */
  readonly hangTimeout?: Duration | 'none' | 'off' | null | false;
  /** Environment variables. Numbers, `true` and `false` become text; `null` takes a variable away; what
   *  is inherited is fixed at the first start, or with `--update-env`. `env_<profile>` is laid over it
   *  when a command has `--env <profile>`. By default: `{}`. */
  readonly env?: Variables;
  /** Files with variables, in the syntax of dotenv as Node reads it; of several the last wins, and `env`
   *  wins over all of them. By default: `[]`. */
  readonly envFile?: string | readonly string[];
  /** What the app inherits of the environment of the command that starts it first: all, nothing, or the
   *  variables with these names, in which `*` stands for any text. Names behind a `!` are left out. Later
   *  commands take the present environment over only with `--update-env`. By default: `true`. */
  readonly inheritEnv?: boolean | readonly string[];
  /** Whether values of variables that look like secrets (`*_TOKEN`, `*PASSWORD*`, …) may be kept on disk,
   *  so that the app has them again after a reboot. By default: `false`. */
  readonly saveSecrets?: boolean;
  /** A variable that gets the number of the slot added, such as `PORT`: 3000 in the first worker, 3001 in
   *  the second. By default: none. */
  readonly incrementVar?: string;
  /** The variable that has the number of the slot. By default: `NODE_APP_INSTANCE`. */
  readonly instanceVar?: string;
  /** The user of the workers, by name or number, with the groups that user is in. Only where Skein runs
   *  as root. By default: the user that runs Skein. */
  readonly user?: string | number;
  /** Their group, by name or number. By default: the user's own group. */
  readonly group?: string | number;
  /** Apps of the same file that come first. With the condition `ready` (unless said otherwise) all
   *  workers of the other app must be ready before this one starts, with `started` their processes must
   *  run. `"db:started"` is short for both. By default: `[]`. */
  readonly dependsOn?: readonly (string | Dependency)[] | string | Readonly<Record<string, 'started' | 'ready' | { readonly condition?: 'started' | 'ready' }>>;
  /** Shell commands around a rollout (`reload`, and `apply` where it replaces workers). They run in the
   *  working directory of the app, with its environment. By default: none. */
  readonly hooks?: HooksConfig;
  /** Reload, without losing a request, when files change: `true` for the working directory, paths, or an
   *  object. By default: `false`. */
  readonly watch?: boolean | string | readonly string[] | WatchConfig;
  /** Replace the workers, one after the other and without losing a request, at times of the calendar. By
   *  default: none. */
  readonly cron?: string | CronConfig;
  /** Files for what the app prints, and their rotation; `false`: it is dropped. By default: `true`. */
  readonly logs?: boolean | LogsConfig;
}
