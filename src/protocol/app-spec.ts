/**
 * What Skein runs: an app with every value decided. The CLI resolves what the user wrote to this,
 * the supervisor stores one per generation, and everything below reads only this.
 */

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
  /** Its process runs: for programs that are not servers. */
  | { readonly kind: 'started' };

export interface RestartPolicy {
  /** false: a worker that ends stays ended. */
  readonly auto: boolean;
  /** Give up after this many restarts within the window; null: never. */
  readonly maxRestarts: number | null;
  /** Exit codes that are a wanted end: no restart. */
  readonly stopExitCodes: readonly number[];
}

export interface AppSpec {
  readonly name: string;
  /** Absolute path as the user named it; symbolic links are followed anew at every start. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
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
}
