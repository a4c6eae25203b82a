/**
 * The holder's protocol, whole. The holder is the parent of the supervisor and of every worker and
 * owns every listening socket; it decides nothing. Two kinds of process speak to it, both over the
 * IPC channel that fork gives them:
 *
 *   supervisor ──Command──▶ holder ──Event──▶ supervisor
 *   worker     ──Bind────▶  holder ──BindReply / Lend──▶ worker
 *   worker     ──Connect─▶  holder ──BindReply─────────▶ worker
 *   worker     ──OwnSocket▶ holder ──BindReply─────────▶ worker
 *
 * The verbs: **bind** a socket (a worker asks), **spawn** a process, **signal** one, **hand over**
 * a copy of a handle (a lent listening socket to a worker, everything to a new supervisor), **connect**
 * a worker whose user may not open the supervisor's socket, give a worker a socket of its **own**.
 * `unbind`, `forget` and `exit` undo them; `keep` and `upgrade` are for the supervisor's own successors. The version travels in `welcome`; a supervisor that
 * speaks another one says E_PROTOCOL and leaves everything as it is.
 */
import type { AcceptMode, RunAs } from './app-spec.ts';

/** What the supervisor knows a worker by; the holder keeps it and gives it back, and reads only
 *  what `bind` needs. */
export interface WorkerTag {
  /** Unique for every process ever started in this home. */
  readonly id: string;
  readonly app: string;
  readonly slot: number;
  readonly generation: number;
  readonly accept: AcceptMode;
  /** It is its app's only worker and therefore a primary for node:cluster. */
  readonly alone: boolean;
  /** It is a balancer's: addresses of this app are given to it where it asks for them. */
  readonly frontOf?: string;
}

/** One listening address of one app. With `per-worker` it has a socket for each slot. */
export interface ListenerInfo {
  /** `app` and `key` together name a listener. */
  readonly app: string;
  readonly key: string;
  readonly type: 'tcp' | 'pipe' | 'udp';
  readonly mode: AcceptMode;
  /** `host:port` or the socket's path, for people. */
  readonly address: string;
  /** Slots that have a socket of their own; `[0]` for a shared listener. */
  readonly slots: readonly number[];
  /** Its app's workers listen on sockets of their own, and a balancer listens here. */
  readonly balanced?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ChildInfo {
  readonly tag: WorkerTag;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** null while it runs. Kept until `forget`, so that no supervisor misses an exit. */
  readonly exit: Exit | null;
}

export type HolderCommand =
  /** The supervisor has taken everything over and answers on the control socket. */
  | { readonly verb: 'ready' }
  | {
      readonly verb: 'spawn';
      readonly tag: WorkerTag;
      readonly file: string;
      readonly args: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      /** Whether the process speaks Node's IPC (a Node app with the preload). */
      readonly ipc: boolean;
      /** The user that this command becomes; unix sockets it asks for are then made by that user. */
      readonly runAs?: RunAs;
    }
  /** `group`: the whole process group of the worker, also after the worker itself has ended. */
  | { readonly verb: 'signal'; readonly id: string; readonly signal: string; readonly group: boolean }
  /** Lend the socket of `slot` to the worker `to`. */
  | {
      readonly verb: 'hand-over';
      readonly app: string;
      readonly key: string;
      readonly slot: number;
      readonly to: string;
    }
  /** Close the sockets of a listener (of all of an app's when `key` is null). */
  | { readonly verb: 'unbind'; readonly app: string; readonly key: string | null }
  /** The exit and the last output of this worker have been dealt with. */
  | { readonly verb: 'forget'; readonly id: string }
  /** Remember this for the next supervisor, in memory alone: values that are not to be on disk. */
  | { readonly verb: 'keep'; readonly kept: Readonly<Record<string, string>> }
  /**
   * Replace the supervisor by the one that `node` runs from `file`: it is started beside the present
   * one, and when it has said that it is able, the present one is asked to step down.
   */
  | { readonly verb: 'upgrade'; readonly node: string; readonly file: string }
  /** From one that was started for an upgrade: everything is loaded, and the state file can be read. */
  | { readonly verb: 'able'; readonly protocol: number; readonly version: string }
  /** End the holder. Sockets close; workers must be gone before. */
  | { readonly verb: 'exit'; readonly code: number };

export type HolderEvent =
  | {
      readonly event: 'welcome';
      readonly protocol: number;
      readonly pid: number;
      readonly version: string;
      readonly startedAt: number;
      readonly home: string;
      /** `skein run`: output goes to this process's own stdout and stderr. */
      readonly foreground: boolean;
      readonly children: readonly ChildInfo[];
      readonly listeners: readonly ListenerInfo[];
      /** What the supervisor before gave to `keep`, or what the command that started Skein knew. */
      readonly kept?: Readonly<Record<string, string>>;
      /** It knows `own-socket` and `frontOf`. */
      readonly balances?: boolean;
    }
  /** The next supervisor waits: save, and exit. */
  | { readonly event: 'step-down' }
  /** The one that was to come is not able; the present one goes on. */
  | { readonly event: 'upgrade-failed'; readonly reason: string }
  /** Comes with a handle: the control API's or the workers' listening socket. */
  | { readonly event: 'socket'; readonly name: 'control' | 'workers' }
  /** Comes with a handle: the reading end of a worker's output. */
  | { readonly event: 'output'; readonly id: string; readonly stream: 'out' | 'err' }
  /** Everything that a new supervisor takes over has been handed to it. */
  | { readonly event: 'handed-over' }
  | { readonly event: 'spawned'; readonly id: string; readonly pid: number; readonly startedAt: number }
  | { readonly event: 'spawn-failed'; readonly id: string; readonly code: string; readonly message: string }
  | { readonly event: 'exited'; readonly id: string; readonly exit: Exit }
  | { readonly event: 'bound'; readonly listener: ListenerInfo }
  | {
      readonly event: 'bind-failed';
      readonly id: string;
      readonly address: string;
      /** A system error name such as EADDRINUSE. */
      readonly code: string;
      /** Another app of this home that holds the address. */
      readonly heldBy: string | null;
    }
  /** Somebody asked the holder itself to end (SIGTERM, SIGINT). */
  | { readonly event: 'asked-to-end'; readonly signal: string };

/**
 * Of a holder's environment, once: the first `kept`, as JSON, in pieces `SKEIN_KEPT_0`, `SKEIN_KEPT_1`, …
 * since Linux takes no string above 128 KiB there (execve(2)).
 */
export const KEPT_PREFIX = 'SKEIN_KEPT_';

/** `cmd` starts with `NODE_`, which Node keeps from the app's own `process.on('message')`. */
export const HOLDER_CMD = 'NODE_SKEIN';

/** Worker to holder. The fields are those of node:cluster's `_getServer` options. */
export interface BindRequest {
  readonly cmd: typeof HOLDER_CMD;
  readonly verb: 'bind';
  readonly seq: number;
  readonly key: string;
  readonly address: string | null;
  readonly port: number | null;
  /** 4, 6, -1 (unix path), null (fd), 'udp4', 'udp6'. */
  readonly addressType: number | string | null;
  readonly fd: number | null;
  readonly flags: number;
  /** TLS ticket keys of the first server on this address, so that all workers share them. */
  readonly data: unknown;
  /** A balancer is to listen on it, and the worker on a socket of its own. */
  readonly balanced?: boolean;
}

/**
 * Worker to holder: connect me to the supervisor, or to the state server. Their sockets are for the
 * user of Skein alone, and a worker that runs as another one may not open them. Answered as a bind is.
 */
export interface ConnectRequest {
  readonly cmd: typeof HOLDER_CMD;
  readonly verb: 'connect';
  readonly seq: number;
  readonly to: 'supervisor' | 'state';
}

/**
 * Worker to holder: a unix socket that no other worker has, and that only Skein's user may connect to.
 * Answered as a bind is, with an `OwnSocket` as its data. It is gone when the worker is.
 */
export interface OwnSocketRequest {
  readonly cmd: typeof HOLDER_CMD;
  readonly verb: 'own-socket';
  readonly seq: number;
}

export interface OwnSocket {
  readonly path: string;
}

/** Holder to worker; comes with a handle unless `errno` is set. */
export interface BindReply {
  readonly cmd: typeof HOLDER_CMD;
  readonly reply: number;
  /** A negative libuv error number, or 0. */
  readonly errno: number;
  readonly data: unknown;
  readonly mode: AcceptMode;
}

/** Holder to worker; comes with the lent handle. */
export interface Lend {
  readonly cmd: typeof HOLDER_CMD;
  readonly verb: 'lend';
  readonly key: string;
  readonly slot: number;
}
