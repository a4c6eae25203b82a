/** Shared state as an app sees it; the same over every engine. */
import type { Duration } from '../core/options.ts';
import type { DeleteReason, EngineName, EngineStats } from './engine.ts';
import type { Storable } from './storable.ts';

export interface WriteOptions {
  /**
   * How long the entry lives from now. `keep`: as long as the one it replaces. Default: for ever,
   * and `keep` for `update`.
   */
  readonly ttl?: Duration | 'keep';
}

export interface IncrementOptions {
  /** Given to an entry that this call creates; one that exists keeps its own. Default: for ever. */
  readonly ttl?: Duration;
}

export interface ReadOptions {
  /**
   * While the engine is away, be content with the last value this process has read with this option,
   * if it is not older. Default: never; the read fails with E_STATE_AWAY.
   */
  readonly stale?: Duration;
}

export interface UpdateOptions extends WriteOptions {
  /** Gives up with E_STATE_CONFLICT when others were always faster. Default: 5 s. */
  readonly timeout?: Duration;
}

export interface StateEntry<T> {
  readonly value: T;
  /** Grows with every write of the key, also over deletes: fit for compareAndSet and as a fencing token. */
  readonly version: number;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  /** How old it may be, in milliseconds; 0 unless the engine is away. */
  readonly staleMs: number;
}

export type StateChange<T = unknown> =
  | {
      readonly type: 'set';
      readonly key: string;
      readonly value: T;
      readonly version: number;
      readonly expiresAt: number | null;
    }
  | {
      readonly type: 'expire';
      readonly key: string;
      readonly version: number;
      readonly expiresAt: number | null;
    }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly version: number;
      /** Over Redis, entries that expire or are evicted go without a word. */
      readonly reason: DeleteReason;
    }
  /** The engine cannot be reached any more: nothing is told until `missed`. */
  | { readonly type: 'away' }
  /** The engine was away, and changes may have gone by untold: read again what you rely on. */
  | { readonly type: 'missed' };

/** Takes the listener off; idempotent. */
export type Unsubscribe = () => Promise<void>;

/**
 * Keys are strings of at most 512 bytes, namespace included; values are plain data, encoded as JSON.
 *
 * Every method can reject with E_STATE_KEY, E_STATE_CLOSED, E_STATE_AWAY; those that write with
 * E_STATE_VALUE, E_STATE_TOO_LARGE and E_STATE_IN_DOUBT too. Values that are read are copies of the
 * caller's own: to change one in the store, write it.
 */
export interface State {
  /** Chosen by the configuration, not by code. */
  readonly engine: EngineName;
  /** What keys begin with in the engine, with the final colon. */
  readonly prefix: string;
  get<T = unknown>(key: string, options?: ReadOptions): Promise<T | undefined>;
  getEntry<T = unknown>(key: string, options?: ReadOptions): Promise<StateEntry<T> | undefined>;
  has(key: string, options?: ReadOptions): Promise<boolean>;
  /** The entry's new version. */
  set<T>(key: string, value: T & Storable<T>, options?: WriteOptions): Promise<number>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  /** The sum; a missing entry counts as 0. `by` is a safe integer, default 1. E_STATE_NUMBER if it cannot be. */
  increment(key: string, by?: number, options?: IncrementOptions): Promise<number>;
  /** Writes only if the version is still `version` (null: there is no entry); undefined: it was not. */
  compareAndSet<T>(
    key: string,
    version: number | null,
    value: T & Storable<T>,
    options?: WriteOptions,
  ): Promise<number | undefined>;
  /** Deletes only if the version is still `version`. */
  compareAndDelete(key: string, version: number): Promise<boolean>;
  /** A new time to live, null: for ever. False when there is no entry. */
  expire(key: string, ttl: Duration | null): Promise<boolean>;
  /** Of this namespace, without its prefix, in no order. Looks at every key: not for hot paths. */
  keys(prefix?: string): Promise<string[]>;
  /**
   * Reads, lets `fn` change the value, writes it back if nobody else wrote meanwhile, or begins anew:
   * `fn` may run several times and should have no other effect. Resolves to what was written.
   */
  update<T>(
    key: string,
    fn: (current: T | undefined) => (T & Storable<T>) | Promise<T & Storable<T>>,
    options?: UpdateOptions,
  ): Promise<T>;
  /** Changes of one key, or of all that begin with a prefix, in the order they happened to each key. */
  subscribe<T = unknown>(
    what: string | { readonly prefix: string },
    listener: (change: StateChange<T>) => void,
  ): Promise<Unsubscribe>;
  /** To everybody who listens to the topic now, this process too; nothing is kept. */
  publish<T>(topic: string, value: T & Storable<T>): Promise<void>;
  /** `topic` of this module gives it a type. */
  listen(topic: string, listener: (value: unknown) => void): Promise<Unsubscribe>;
  /** The same state under `name:`. Closing it is not needed. */
  namespace(name: string): State;
  stats(): Promise<EngineStats>;
  /** Ends connections and timers; every later call rejects with E_STATE_CLOSED. A client you gave stays open. */
  close(): Promise<void>;
}
