/**
 * What Skein runs: an app with every value decided. The CLI resolves what the user wrote to this,
 * the supervisor stores one per generation, and everything below reads only this.
 */

import type { BalanceSettings, BalancerSettings } from './balance.ts';

/**
 * How connections reach the workers.
 * `per-worker`: one SO_REUSEPORT socket per slot, the kernel spreads new connections (Linux).
 * `shared`: one socket, whoever is idle takes the next connection (everywhere).
 */
export type AcceptMode = 'per-worker' | 'shared';

/** When a new worker counts as ready and gets traffic. */
export type ReadyCheck =
  /** It listens on its first address. */
  | { readonly kind: 'listening' }
  /** It called `process.send('ready')`. */
  | { readonly kind: 'message' }
  /** `path` on its first HTTP server answers 2xx or 3xx. */
  | { readonly kind: 'http'; readonly path: string }
  /** It listens, or has lived for `afterMs` while no worker of the app listens: for what may be a server or not. */
  | { readonly kind: 'auto'; readonly afterMs: number }
  /** Its process runs: for programs that are not servers. */
  | { readonly kind: 'started' };

export interface RestartPolicy {
  /** false: a worker that ends stays ended. */
  readonly auto: boolean;
  /** Give up after this many restarts within the window; null: never. */
  readonly maxRestarts: number | null;
  /** Exit codes that are a wanted end: no restart. */
  readonly stopExitCodes: readonly number[];
  /** The least pause before a restart; 0: the first restart is at once. */
  readonly delayMs: number;
}

/** Another app of this home that has to be there before this one starts. */
export interface Dependency {
  readonly app: string;
  /** `started`: its workers' processes run. `ready`: all its workers are ready. */
  readonly condition: 'started' | 'ready';
}

/** When a log file is set aside and a new one begun. */
export interface LogRotation {
  /** At this many bytes; null: never by size. */
  readonly maxSizeBytes: number | null;
  /** Every so many milliseconds, counted from local midnight; null: never by time. */
  readonly everyMs: number | null;
  /** How many files set aside are kept of each log. */
  readonly keep: number;
  /** How many bytes the files set aside of each log may have together; null: any. */
  readonly maxTotalBytes: number | null;
  readonly compress: boolean;
}

/** Where the output of workers goes, and how. */
export interface LogSettings {
  /** false: it is read and dropped. */
  readonly enabled: boolean;
  /** Absolute paths; null: `<home>/logs/<app>.out.log` and `.err.log`. Both may be one file. */
  readonly out: string | null;
  readonly err: string | null;
  /** A file that gets both streams beside their own; null: none. */
  readonly combined: string | null;
  /** A file for each slot, `-<slot>` before the ending of its name. */
  readonly perWorker: boolean;
  /** `json`: one object for each line. */
  readonly format: 'plain' | 'json';
  /** Put before plain lines: `iso`, or letters such as `YYYY-MM-DD HH:mm:ss.SSS Z`; null: nothing. */
  readonly timestamp: string | null;
  readonly rotation: LogRotation;
}

/** Reload when a file changes. */
export interface WatchSettings {
  /** Absolute paths of files and directories. */
  readonly paths: readonly string[];
  /** Glob patterns relative to `cwd`; `node_modules` and dot files are never looked at. */
  readonly ignore: readonly string[];
  /** How long it must have been quiet before the reload. */
  readonly delayMs: number;
}

/** A rolling reload at times of the calendar. */
export interface CronRestart {
  /** Five fields, or six with seconds first. */
  readonly expression: string;
  /** An IANA name such as Europe/Berlin; null: the machine's. */
  readonly timeZone: string | null;
}

/** Shell commands around a rollout, run in `cwd` with the app's environment. One that fails stops it. */
export interface Hooks {
  /** Before the first worker is replaced. */
  readonly before: string | null;
  /** When every new worker is ready; if it fails, the rollout goes back. */
  readonly after: string | null;
  readonly timeoutMs: number;
}

/** The user and group of the workers, with the user's supplementary groups (initgroups(3)). */
export interface RunAs {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
}

export interface AppSpec {
  readonly name: string;
  /** Absolute path as the user named it; symbolic links are followed anew at every start. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** What it inherits: the environment of the shell that started it first. */
  readonly shellEnv: Readonly<Record<string, string>>;
  /** What its user declared (--env, `env`, `env_file`); wins over `shellEnv`. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether values of secret-looking variables may be saved on disk. */
  readonly saveSecrets: boolean;
  /** Groups apps: a target of commands; null: none. */
  readonly namespace: string | null;
  /** Absolute path of the config file that it came from; null: the command line. */
  readonly source: string | null;
  /** `node`: the preload goes in and sockets are held. `program`: anything else. */
  readonly kind: 'node' | 'program';
  /** Absolute path of the program that runs the script; null: the script itself is run. */
  readonly interpreter: string | null;
  readonly nodeArgs: readonly string[];
  /** Wanted number of workers, resolved from `max`, `-1`, `50%`. */
  readonly instances: number;
  readonly accept: AcceptMode;
  readonly ready: ReadyCheck;
  readonly readyTimeoutMs: number;
  /** `SIGTERM`, …; `message`: `process.emit('message', 'shutdown')` in the worker instead of a signal. */
  readonly stopSignal: string;
  /** How long connections may take to end after a drain begins. */
  readonly drainTimeoutMs: number;
  /** From the stop signal to SIGKILL. */
  readonly killTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** Replace a worker whose process tree has more resident bytes than this; null: never. */
  readonly maxMemoryBytes: number | null;
  /** Replace a worker whose event loop is blocked for longer; null: never. */
  readonly hangTimeoutMs: number | null;
  /** A variable that gets the slot's number added, such as PORT: 3000, 3001, …; null: none. */
  readonly incrementVar: string | null;
  /** The variable that has the slot's number. */
  readonly instanceVar: string;
  readonly dependsOn: readonly Dependency[];
  readonly logs: LogSettings;
  readonly watch: WatchSettings | null;
  readonly cron: CronRestart | null;
  readonly hooks: Hooks;
  /** null: the user that runs Skein. */
  readonly runAs: RunAs | null;
  /** Requests are spread over its workers by balancers; null: connections are, by the kernel. */
  readonly balance: BalanceSettings | null;
  /** It is a balancer, and its script is Skein's own; null: it is not. */
  readonly balancer: BalancerSettings | null;
}
