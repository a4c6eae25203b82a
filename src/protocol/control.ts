/**
 * The control API: JSON over HTTP on a unix socket in SKEIN_HOME. The server is in
 * src/control/server.ts, the one client in src/control/client.ts.
 *
 *   GET  /v1/ping                      Ping
 *   GET  /v1/apps                      AppList; ?target=… (repeatable) narrows it
 *   POST /v1/apps                      StartRequest   -> Accepted
 *   POST /v1/operations                OperationRequest -> Accepted
 *   POST /v1/apply                     ApplyRequest -> Applied
 *   GET  /v1/operations/:id            Operation
 *   GET  /v1/operations/:id/follow     NDJSON of Operation, the last one is ended
 *   POST /v1/signal                    SignalRequest -> { signalled: pid[] }
 *   POST /v1/reset                     ResetRequest -> { reset: name[] }
 *   GET  /v1/balancers?target=…        BalancerList: of these apps, or all
 *   POST /v1/upstreams                 UpstreamRequest -> UpstreamChanged
 *   GET  /v1/environment?target=…      Environments: values too, so only for who asks for them by this path
 *   GET  /v1/events?follow=1&since=ms  NDJSON of SkeinEvent
 *   GET  /v1/logs?target=…&follow=1&stream=out|err   NDJSON of LogMessage; the first is LogPlaces
 *   POST /v1/logs/flush                FlushRequest -> Flushed
 *   POST /v1/logs/reopen               close and open the log files (what SIGHUP does)
 *   GET  /v1/wait-stopped?target=…     Stopped, as soon as that app runs no more (`skein run`)
 *   POST /v1/save                      Saved: the saved list is on the disk
 *   POST /v1/upgrade                   UpgradeRequest; answered when another supervisor takes over
 *   POST /v1/shutdown                  Accepted; then everything ends in order
 *
 * Errors are `{ error: ErrorData }` with the status of the catalogue.
 */
import type { ErrorData } from '../core/errors.ts';
import type { HealthReport } from './app-link.ts';
import type {
  AcceptMode,
  AppSpec,
  CronRestart,
  Hooks,
  LogRotation,
  LogSettings,
  RestartPolicy,
  WatchSettings,
} from './app-spec.ts';
import type { BalancePatch } from './balance-patch.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly version: string;
  /** Milliseconds. */
  readonly uptimeMs: number;
}

/** The process that holds what apps share. */
export interface StateServerInfo {
  readonly pid: number;
  /** Milliseconds. */
  readonly uptimeMs: number;
  /** null where the kernel does not tell. */
  readonly rssBytes: number | null;
}

export interface Ping {
  /** null when the holder is gone (it was killed); workers then keep serving. */
  readonly holder: ProcessInfo | null;
  readonly supervisor: ProcessInfo;
  /** null when no app has asked for it; absent from a supervisor that does not know it. */
  readonly stateServer?: StateServerInfo | null;
}

export type WorkerStateName =
  | 'starting'
  | 'ready'
  | 'draining'
  | 'stopping'
  | 'stopped'
  | 'backing-off'
  | 'failed';

/** One worker, or a slot that waits to be filled (then `pid` is null). */
export interface WorkerView {
  /** Of the slot, unique in this home and never given to another one; what PM2 calls `pm_id`. */
  readonly id: number;
  readonly slot: number;
  readonly pid: number | null;
  readonly state: WorkerStateName;
  readonly generation: number;
  readonly uptimeMs: number | null;
  /** Unplanned restarts of this slot since the app was started. */
  readonly restarts: number;
  /** Share of one core over the last sample, 0 to 1 and above for threads. */
  readonly cpu: number | null;
  readonly rssBytes: number | null;
  /** Proportional set size (smaps_rollup); null where the kernel does not tell. */
  readonly pssBytes: number | null;
  readonly utilisation: number | null;
  readonly connections: number | null;
  readonly requestsPerSecond: number | null;
  /** How the previous worker of this slot ended, if it did not end as wanted. */
  readonly lastExit: string | null;
  /** What the app's own health checks came to; null: it has none. */
  readonly health: HealthReport | null;
}

export type AppState = 'starting' | 'running' | 'reloading' | 'stopping' | 'stopped' | 'degraded' | 'failed';

export interface AppView {
  readonly name: string;
  readonly namespace: string | null;
  readonly state: AppState;
  readonly accept: AcceptMode;
  readonly generation: number;
  readonly instances: number;
  readonly addresses: readonly string[];
  readonly script: string;
  /** Of its slots, in their order; also when no worker is in them. */
  readonly ids: readonly number[];
  readonly workers: readonly WorkerView[];
  /** Why it is failed, or what it waits for, in one line. */
  readonly reason: string | null;
}

export interface AppList {
  readonly version: number;
  readonly apps: readonly AppView[];
}

/** `GET /v1/apps?details=1`: what `describe` shows. Values of `env` are never in it. */
export interface AppDetails extends AppView {
  readonly spec: Omit<AppSpec, 'env' | 'shellEnv'> & { readonly envNames: readonly string[] };
  readonly previousGeneration: number | null;
  readonly logs: { readonly out: string; readonly err: string };
  readonly events: readonly SkeinEvent[];
}

export interface StartRequest {
  readonly spec: AppSpec;
}

type Whole = Omit<AppSpec, 'name' | 'kind' | 'restart' | 'logs' | 'watch' | 'cron' | 'hooks' | 'balance'>;

/** What `reload`, `restart` and `start <name>` may change of a running app's spec. */
export interface SpecPatch extends Partial<Whole> {
  readonly restart?: Partial<RestartPolicy>;
  readonly logs?: Partial<Omit<LogSettings, 'rotation'>> & { readonly rotation?: Partial<LogRotation> };
  /** null: no longer. What is not given is as before, or by default. */
  readonly watch?: Partial<WatchSettings> | null;
  /** null: no longer. Without an expression, now or before, there is none. */
  readonly cron?: Partial<CronRestart> | null;
  readonly hooks?: Partial<Hooks>;
  /** null: no longer. */
  readonly balance?: BalancePatch | null;
  /** Variables laid over the app's declared environment, or over `env` if that is given too. */
  readonly setEnv?: Readonly<Record<string, string>>;
}

/** `adjust`: settings that the supervisor itself follows change, and no worker is replaced for it. */
export type Verb = 'start' | 'stop' | 'restart' | 'reload' | 'rollback' | 'scale' | 'delete' | 'adjust';

/** Of variables that an app should have and whose values nobody knows: their references in the saved list. */
export interface MissingValues {
  readonly env: Readonly<Record<string, string>>;
  readonly shellEnv: Readonly<Record<string, string>>;
}

export interface ApplyApp {
  readonly spec: AppSpec;
  readonly missing?: MissingValues;
  /** false: it is made known, and stays stopped until it is started by name. */
  readonly autostart: boolean;
}

/** Makes what runs equal to a config file. Refused whole (E_BUSY) while one of the apps is changing. */
export interface ApplyRequest {
  readonly apps: readonly ApplyApp[];
  /** Apps that are not in `apps` and are stopped: those with this `source`, all, or none. */
  readonly stop: { readonly source: string } | 'all' | 'none';
  /** What is done at least to apps that run already, also when nothing of theirs has changed. */
  readonly atLeast: 'reload' | 'restart' | null;
  /** Workers replaced at a time in a rollout. */
  readonly parallel?: number;
  /** Replace `shellEnv` of known apps too; else it stays as it was and counts as unchanged. */
  readonly updateEnv?: boolean;
  /** Only tell the plan. */
  readonly dryRun: boolean;
}

/** One setting that differs: dotted, as in `env.PORT` or `logs.out`. Values of variables are never told. */
export interface ChangedSetting {
  readonly setting: string;
  readonly from: string | null;
  readonly to: string | null;
}

export interface PlannedChange {
  readonly app: string;
  readonly action: 'start' | 'add' | 'reload' | 'restart' | 'scale' | 'adjust' | 'stop' | 'none';
  readonly changed: readonly ChangedSetting[];
}

export interface Applied {
  /** One for each app of the file and each that is stopped. */
  readonly plan: readonly PlannedChange[];
  /** Running apps that are neither in the file nor stopped. */
  readonly leftAlone: readonly string[];
  /** Empty with `dryRun`. */
  readonly operations: readonly Operation[];
}

export type OperationRequest =
  | { readonly verb: 'stop' | 'delete' | 'rollback'; readonly targets: readonly string[] }
  | { readonly verb: 'start' | 'restart'; readonly targets: readonly string[]; readonly patch?: SpecPatch }
  | {
      readonly verb: 'reload';
      readonly targets: readonly string[];
      readonly patch?: SpecPatch;
      readonly parallel?: number;
    }
  /** `8`, `+2`, `-1`, `max`, `50%`: resolved by the supervisor against what runs. */
  | { readonly verb: 'scale'; readonly targets: readonly string[]; readonly to: string };

/** Counters of restarts go back to 0. */
export interface ResetRequest {
  readonly targets: readonly string[];
}

/** With what environment the next worker of each app is started. */
export interface Environments {
  readonly apps: readonly { readonly name: string; readonly env: Readonly<Record<string, string>> }[];
}

export interface SignalRequest {
  readonly targets: readonly string[];
  readonly signal: string;
}

/** Where the saved list is, and how many apps are in it. */
export interface Saved {
  readonly file: string;
  readonly apps: number;
}

/** The supervisor of another installation, or of a newer one in the same place. */
export interface UpgradeRequest {
  /** Absolute paths of the Node that runs it, and of its file. */
  readonly node: string;
  readonly file: string;
  readonly version: string;
}

/** Skein's own accounting of an operation or a crash. */
export interface Report {
  readonly answered: number;
  /** Connections the kernel dropped from a full accept queue (ListenOverflows of this machine). */
  readonly refused: number;
  readonly reset: number;
  readonly truncated: number;
  /** Until every wanted worker was ready; null if that was never so. */
  readonly fullCapacityMs: number | null;
}

export interface Operation {
  readonly id: string;
  readonly verb: Verb | 'kill';
  readonly app: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** For people: `2 of 4 workers ready`. */
  readonly progress: string;
  readonly error: ErrorData | null;
  readonly report: Report | null;
}

export interface Accepted {
  readonly operations: readonly Operation[];
}

export type EventKind =
  | 'app-failed'
  | 'worker-started'
  | 'worker-ready'
  | 'worker-draining'
  | 'worker-exited'
  | 'worker-crashed'
  | 'worker-backing-off'
  /** A crashed worker's slot is filled again; comes with the report of the crash. */
  | 'worker-replaced'
  | 'worker-stopped'
  /** A worker that a start, a reload or a scale needed did not come up. */
  | 'worker-failed'
  | 'worker-over-memory'
  | 'worker-hung'
  | 'worker-blocked'
  /** A health check of the app fails; none does any more. */
  | 'worker-unhealthy'
  | 'worker-healthy'
  | 'operation-started'
  | 'operation-ended'
  | 'hook-started'
  | 'hook-ended'
  | 'supervisor-started'
  | 'holder-gone'
  | 'state-server-started'
  /** What apps shared is gone. */
  | 'state-server-crashed'
  /** A log file cannot be written, rotated or compressed; and it is written again. */
  | 'log-failed'
  | 'log-recovered'
  | 'address-in-use'
  /** A balancer cannot go by its new settings, and goes on by those before. */
  | 'balancer-refused'
  /** What a balancer sees of its upstreams: ejected, down, back; or that its queue is full. */
  | 'balancer-noticed'
  /** A person has changed the state or weight of an upstream. */
  | 'upstream-changed'
  | 'message';

/** How the last worker of an app ended. */
export interface Stopped {
  /** 128 and the signal's number for a death by signal; null when none has run. */
  readonly exitCode: number | null;
}

export interface SkeinEvent {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: EventKind;
  readonly app: string | null;
  readonly slot: number | null;
  readonly pid: number | null;
  /** One line for people. */
  readonly text: string;
  readonly report: Report | null;
}

export interface LogLine {
  /** When it was written, milliseconds since the epoch, to about a second; null: not known. */
  readonly at: number | null;
  readonly app: string;
  /** null in a file that all workers write to. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  /** As it stands in the log, with its time if the log has times; of a JSON log, its `text`. */
  readonly text: string;
}

/** One log of an app, and how far it is written at this moment. Whoever wants what was before reads it. */
export interface LogPlace {
  readonly app: string;
  /** null: of all workers. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  readonly format: 'plain' | 'json';
  readonly path: string;
  /** What the file is called for ever, also when it is set aside; empty when there is none. */
  readonly file: string;
  /** Bytes. Later lines begin here. */
  readonly offset: number;
}

/** `logs`: in the form that is sent while following, `cursor` is where the log goes on, `file:offset`. */
export type LogMessage =
  | { readonly logs: readonly LogPlace[] }
  | (LogLine & { readonly cursor: string })
  /** So many lines were not sent, because the follower did not read. */
  | { readonly missed: number };

export interface FlushRequest {
  readonly targets: readonly string[];
}

/** The paths of the files that are empty now. */
export interface Flushed {
  readonly flushed: readonly string[];
}
