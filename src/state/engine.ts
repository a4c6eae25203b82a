/**
 * What an engine has to be able to do: the narrow contract under `State`. Keys are whole (namespaces
 * already in them), values are text (already encoded), times are milliseconds. Every argument and
 * result is plain JSON data and no method needs an earlier one to have ended, so that an engine in
 * another process can send all calls of one tick as one batch, and answer them in order.
 */

export type EngineName = 'memory' | 'embedded' | 'redis' | 'memcached';

/** A time to live in milliseconds; null: for ever; `keep`: what the entry has now. */
export type Ttl = number | null | 'keep';

export interface Entry {
  readonly text: string;
  /** Safe integer above zero. Every write of a key gives it a greater one, also after a delete. */
  readonly version: number;
  /** Milliseconds since 1970; null: never; undefined: not asked for. */
  readonly expiresAt?: number | null;
}

export type RawChange =
  | {
      readonly type: 'set';
      readonly key: string;
      readonly text: string;
      readonly version: number;
      readonly expiresAt: number | null;
    }
  /** A new time to live for the same value. */
  | {
      readonly type: 'expire';
      readonly key: string;
      readonly version: number;
      readonly expiresAt: number | null;
    }
  | {
      readonly type: 'delete';
      readonly key: string;
      /** Of the value that is gone. */
      readonly version: number;
      readonly reason: DeleteReason;
    }
  | { readonly type: 'message'; readonly topic: string; readonly text: string }
  /** The engine cannot be reached: what changes from now on is not told; `missed` follows. */
  | { readonly type: 'away' }
  /** Changes are told again; what happened while they were not is unknown. */
  | { readonly type: 'missed' };

export type DeleteReason = 'deleted' | 'expired' | 'evicted';

export type Selector =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'prefix'; readonly name: string }
  | { readonly kind: 'topic'; readonly name: string };

export type Listener = (change: RawChange) => void;

export interface EngineStats {
  readonly engine: EngineName;
  /** Entries kept; undefined where the engine serves others too. */
  readonly entries?: number;
  /** What they take, as the engine counts it. */
  readonly bytes?: number;
  /** Entries dropped for want of memory since the engine started. */
  readonly evictions: number;
}

/**
 * Methods reject with E_STATE_AWAY when nothing was done because the engine cannot be reached, with
 * E_STATE_IN_DOUBT when a write may have been done, with E_STATE_CANNOT for what it never does.
 */
export interface Engine {
  readonly name: EngineName;
  /** Null when there is none. `details` asks for `expiresAt` as well, which may cost more. */
  get(key: string, details: boolean): Promise<Entry | null>;
  /** The new version. */
  set(key: string, text: string, ttl: Ttl): Promise<number>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /**
   * The sum. A missing entry counts as 0 and gets `ttl`; one that exists keeps its time to live.
   * Rejects with E_STATE_NUMBER when it is no integer, or the sum is not a safe one.
   */
  increment(key: string, by: number, ttl: number | null): Promise<number>;
  /** Only if the version is `version` (0: there is none): writes, or deletes for null. 0: it was not. */
  compareAndSet(key: string, version: number, text: string | null, ttl: Ttl): Promise<number>;
  /** Whether there is an entry. */
  expire(key: string, ttl: number | null): Promise<boolean>;
  /** In no order, each once. */
  keys(prefix: string): Promise<readonly string[]>;
  publish(topic: string, text: string): Promise<void>;
  /** Resolves when nothing that happens from now on is missed; the result takes the listener off. */
  subscribe(selector: Selector, listener: Listener): Promise<() => Promise<void>>;
  stats(): Promise<EngineStats>;
  /** Ends what the engine started itself; idempotent. */
  close(): Promise<void>;
}
