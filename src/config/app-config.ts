/**
 * The settings of an app, as a config file has them. Made from the tables in fields/ by
 * `npm run docs:config`; a test keeps the two equal.
 */
import type {
  CertificateConfig,
  ListenConfig,
  RouteConfig,
  SplitConfig,
  TlsConfig,
  UpstreamConfig,
} from './balance-config.ts';

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

export interface RetryConfig {
  /** Tries in all, the first included; 1: never again. Only what can be repeated safely is. By default: 3
   *  for workers of an app, 2 for others. */
  readonly tries?: number;
  /** Tries where no connection came about, so that nothing was sent. By default: 20 for workers of an
   *  app, 3 for others. */
  readonly connectTries?: number;
  /** Repeat PUT and DELETE too. POST is never repeated once it was sent. By default: `false`. */
  readonly idempotent?: boolean;
  /** Retries may be this share of the requests of the last 10 s. By default: `0.2`. */
  readonly budget?: number | `${number}%`;
  /** Retries there may always be, whatever the share. By default: `3`. */
  readonly atLeast?: number;
}

export interface QueueConfig {
  /** How many requests may wait for an upstream, as during a restart; 0: none. One more gets 503. By
   *  default: `1024`. */
  readonly size?: number;
  /** How long each may wait. Then it gets 503 with Retry-After. By default: `5s`. */
  readonly timeout?: Duration;
}

export interface TimeoutsConfig {
  /** How long a connection to an upstream may take. By default: `2s`. */
  readonly connect?: Duration;
  /** From a request's last byte to the head of the response. By default: `60s`. */
  readonly response?: Duration;
  /** How long a body or a response may not move. By default: `60s`. */
  readonly idle?: Duration;
  /** How long a WebSocket may be without a byte. By default: `1h`. */
  readonly tunnel?: Duration | 'none' | 'off' | null | false;
}

export interface BalanceHealthConfig {
  /** A request, or only a connection. By default: `http`. */
  readonly kind?: 'http' | 'tcp';
  /** What is asked for. By default: `/`. */
  readonly path?: string;
  /** How. By default: `GET`. */
  readonly method?: 'GET' | 'HEAD';
  /** Statuses that mean well: codes, ranges, `2xx`. By default: `200-399`. */
  readonly status?: number | string | readonly (number | string)[];
  /** Text that the first 64 KiB of the body must have in them. By default: any body. */
  readonly body?: string;
  /** How often, with some jitter. By default: `2s`. */
  readonly interval?: Duration;
  /** How long a check may take. By default: `2s`. */
  readonly timeout?: Duration;
  /** So many failures in a row take an upstream out. By default: `3`. */
  readonly fall?: number;
  /** So many successes in a row bring it back. By default: `2`. */
  readonly rise?: number;
}

export interface EjectionConfig {
  /** So many failures in a row (no connection, broken answers, 502, 503, 504) take an upstream out. By
   *  default: `5`. */
  readonly failures?: number;
  /** A share of failures that does so too. By default: `0.85`. */
  readonly errorRate?: number | `${number}%`;
  /** How many requests it takes to speak of a share. By default: `100`. */
  readonly minimumRequests?: number;
  /** Over how long the share is counted. By default: `10s`. */
  readonly window?: Duration;
  /** For how long it is out the first time; each further time in a row is longer, up to ten times. By
   *  default: `1s` for workers of this Skein, `10s` for others. */
  readonly time?: Duration;
  /** Never more than this share of the upstreams at the same time, so that one bad URL cannot empty a
   *  pool. By default: `0.5`. */
  readonly most?: number | `${number}%`;
}

export interface PoolConfig extends Pick<BalanceConfig, 'policy' | 'by' | 'sticky' | 'split' | 'weights' | 'slowStart' | 'retry' | 'maxInFlight' | 'queue' | 'timeouts' | 'health' | 'ejection' | 'sendProxyProtocol' | 'host'> {
  /** Where requests go that no route is for: `http://`, `https://` or `unix:` and an address. A `weight`
   *  is a share, a `backup` serves when no other can. */
  readonly to: string | readonly (string | UpstreamConfig)[];
}

export interface LimitsConfig {
  /** Of a request's line and headers together. By default: `16KiB`. */
  readonly headerSize?: Size;
  /** How many headers a request may have. By default: `100`. */
  readonly headerCount?: number;
  /** From the first byte of a connection or a request to the end of its headers. By default: `10s`. */
  readonly headerTimeout?: Duration;
  /** Between two pieces of the body of a request. By default: `30s`. */
  readonly bodyTimeout?: Duration;
  /** The least of a body per second, over its whole length. By default: `240`. */
  readonly bodyRate?: Size;
  /** Longer bodies get 413. By default: `none`. */
  readonly bodySize?: Size | 'none' | 'off' | null | false;
  /** How long a connection may be without a request. By default: `75s`. */
  readonly keepAliveTimeout?: Duration;
  /** Requests over one connection. By default: `none`. */
  readonly keepAliveRequests?: number | 'none' | 'off' | null | false;
  /** Connections in each worker of the balancer. By default: `none`. */
  readonly connections?: number | 'none' | 'off' | null | false;
  /** Connections from one address. By default: `none`. */
  readonly connectionsPerAddress?: number | 'none' | 'off' | null | false;
  /** Requests in a time, how many may come at once, and of whom (`address`, `header:<name>`, …); more get
   *  429. By default: `none`. */
  readonly rate?: string | 'none' | false | null;
}

export interface BalanceConfig {
  /** How an upstream is chosen (balancing.md). By default: `least-connections`. */
  readonly policy?: 'least-connections' | 'round-robin' | 'power-of-two' | 'least-time' | 'hash' | 'random';
  /** The key that the policy `hash` goes by: `header:<name>`, `cookie:<name>`, `query:<name>`,
   *  `path:<segment>` (from 0), `jwt:<claim>` (not verified) or `address`. By default: `address`, with
   *  the policy `hash`. */
  readonly by?: string;
  /** Sessions stay with one upstream: by a cookie of the balancer (`cookie`, or `true`), by one that the
   *  app sets (`cookie:<name>`), by a header (`header:<name>`) or by `address` (balancing.md). By
   *  default: `false`. */
  readonly sticky?: boolean | string;
  /** Groups of upstreams for some requests each: a request's `key` names its group by a `table`, a `hash`
   *  over the groups, the `function` a module exports, or the value that `state` has under this prefix
   *  and the key; `fallback` serves keys without a group (balancing.md). By default: none. */
  readonly split?: SplitConfig | 'none' | false | null;
  /** Shares of the upstreams, in the order of the slots or of `to`; what is missing is 1. By default:
   *  `[]`. */
  readonly weights?: readonly number[] | string;
  /** An upstream that has come back gets its share only little by little, over this time. By default:
   *  `0`. */
  readonly slowStart?: Duration;
  /** Whether a request is sent to another upstream when one fails it without an answer; `false`: never.
   *  By default: `true`. */
  readonly retry?: boolean | 'none' | RetryConfig;
  /** Requests and tunnels at the same time in one upstream; more wait in the queue. By default: `none`. */
  readonly maxInFlight?: number | 'none' | 'off' | null | false;
  /** Requests wait while no upstream can take them; `false`: they get 503 at once. By default: 1024 for 5
   *  s. */
  readonly queue?: 'none' | false | QueueConfig;
  /** How long upstreams may take. By default: see below. */
  readonly timeouts?: TimeoutsConfig;
  /** Upstreams are asked how they are: `true` or a path for a request, `tcp` for a connection, or an
   *  object. Workers of this Skein say themselves how they are. By default: `false`. */
  readonly health?: boolean | string | BalanceHealthConfig;
  /** An upstream that fails requests gets none for a while. By default: `true`. */
  readonly ejection?: boolean | EjectionConfig;
  /** Upstreams get a header of the PROXY protocol before everything else. By default: `none`. */
  readonly sendProxyProtocol?: 'v1' | 'v2' | 'none' | false;
  /** The Host that upstreams see: the client's, or their own. By default: `keep`. */
  readonly host?: 'keep' | 'upstream';
  /** Addresses and networks of proxies in front, whose X-Forwarded-*, Forwarded and PROXY headers count
   *  (balancing.md). By default: `[]`. */
  readonly trust?: string | readonly string[];
  /** What protects against slow, large and many requests. By default: see below. */
  readonly limits?: never | LimitsConfig;
  /** A line for each request, in the log of the balancer. By default: `off`. */
  readonly accessLog?: 'off' | 'combined' | 'json';
  /** The header with an id of each request; one from a trusted proxy is kept. By default: `x-request-id`. */
  readonly requestId?: string | 'none' | false | null;
  /** Send `Forwarded` (RFC 7239) too, beside X-Forwarded-*. By default: `false`. */
  readonly forwarded?: boolean;
  /** What it calls itself in `Via` and in Forwarded. A request that comes to the same name again goes in
   *  a circle and is refused. By default: `skein-` and eight letters of its own. */
  readonly pseudonym?: string;
  /** Tunnels that a drain ends, at most so many per second. By default: `500`. */
  readonly closeTunnels?: number;
  /** How many processes the balancer has: a number, `max`, `50%`. Each makes its choices alone, so more
   *  only pay when one has too much to do. By default: `1`. */
  readonly workers?: number | string;
  /** Clients come over TLS: `cert` and `key` name PEM files, which are read again when they change.
   *  HTTP/2 is offered too (tls.md). By default: none. */
  readonly tls?: TlsConfig | readonly CertificateConfig[] | 'none' | false | null;
  /** `false`: no balancer of its own; only routes of other balancers lead to the app (routing.md). By
   *  default: `true`. */
  readonly front?: boolean;
}

export interface BalancerConfig extends Pick<BalanceConfig, 'policy' | 'by' | 'sticky' | 'split' | 'weights' | 'slowStart' | 'retry' | 'maxInFlight' | 'queue' | 'timeouts' | 'health' | 'ejection' | 'sendProxyProtocol' | 'host' | 'trust' | 'limits' | 'accessLog' | 'requestId' | 'forwarded' | 'pseudonym' | 'closeTunnels'> {
  /** Where it listens: addresses with ports, or `unix:` and an absolute path. Each may have its own `tls`
   *  and `proxyProtocol`. */
  readonly listen: string | readonly string[] | readonly (string | ListenConfig)[];
  /** Where requests go that no route is for: `http://`, `https://` or `unix:` and an address. A `weight`
   *  is a share, a `backup` serves when no other can. By default: nowhere: 404. */
  readonly to?: string | readonly (string | UpstreamConfig)[];
  /** Which requests go where, in whatever order: the most specific route counts (routing.md). By default:
   *  `[]`. */
  readonly routes?: string | readonly (string | RouteConfig)[];
  /** Servers that are no apps of this Skein, by names that routes can use. Each has `to` and settings of
   *  its own. By default: `{}`. */
  readonly pools?: Readonly<Record<string, string | PoolConfig>>;
  /** Clients come over TLS on all addresses that say nothing else; several certificates are for several
   *  names (SNI) (tls.md). By default: none. */
  readonly tls?: TlsConfig | readonly CertificateConfig[] | 'none' | false | null;
  /** Connections begin with a header of the PROXY protocol, which only those in `trust` may send. By
   *  default: `false`. */
  readonly proxyProtocol?: boolean;
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
  readonly script?: string;
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
  /** A balancer takes the public addresses of the app and gives each request to a worker: a policy, or an
   *  object (balancing.md). For HTTP servers. By default: `false`. */
  readonly balance?: boolean | 'least-connections' | 'round-robin' | 'power-of-two' | 'least-time' | 'hash' | 'random' | BalanceConfig;
  /** Instead of `script`: the app is a balancer, for apps of this Skein and for other servers
   *  (routing.md). What `balance` has, other than `workers` and `front`, it has too, for all its pools.
   *  By default: none. */
  readonly balancer?: BalancerConfig;
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
