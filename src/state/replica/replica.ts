/**
 * A copy of some entries in this process, for what is read far more often than it is written: a read is
 * a look into a Map. First it listens, then it reads, so that no change falls in between.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../core/backoff.ts';
import { callListener } from '../../core/call-listener.ts';
import { SkeinError } from '../../core/errors.ts';
import { countOption, type Duration } from '../../core/options.ts';
import type { State, StateChange, Unsubscribe } from '../contract.ts';
import { toMs } from '../limits.ts';
import type { Frozen } from '../../core/frozen.ts';
import { Mirror } from './mirror.ts';
import type { ReplicaSelection, Selection } from './selection.ts';
import { readEntries, selectionOf } from './selection.ts';

export interface ReplicaOptions {
  /** With more it gives up and holds nothing (E_REPLICA_FULL). Default: 100,000. */
  readonly maxEntries?: number;
  /**
   * Reads everything anew so often, for what an engine does not tell: over Redis, entries that it
   * evicts. Default: only after an interruption.
   */
  readonly refresh?: Duration;
}

/** `value` is undefined when there is none any more. */
export type ReplicaListener<T> = (key: string, value: Frozen<T> | undefined) => void;

export interface Replica<T = unknown> {
  /**
   * The value as this process knows it, frozen and shared by all who read it; undefined: there is none.
   * Throws E_REPLICA_KEY for a key that the replica does not hold, E_REPLICA_FULL, and
   * E_STATE_CLOSED after `close`.
   */
  get(key: string): Frozen<T> | undefined;
  has(key: string): boolean;
  /** Of the entries there are, in no order. */
  keys(): string[];
  /** How many entries there are; one whose time is over counts until it is put away, a moment later. */
  readonly size: number;
  /**
   * False while the engine is away and until everything has been read again: what is held may then be
   * old. A silent network is noticed late; see `timeout` of `createState`.
   */
  readonly current: boolean;
  /** For how many milliseconds it has not been current; 0 while it is. */
  readonly staleMs: number;
  /** Told of each key whose value is another one. Returns what ends it. */
  onChange(listener: ReplicaListener<T>): () => void;
  /** Holds and hears nothing any more; idempotent. */
  close(): Promise<void>;
}

type Phase =
  | { readonly name: 'current' }
  /** Since `performance.now()`. */
  | { readonly name: 'behind'; readonly since: number }
  | { readonly name: 'full' }
  | { readonly name: 'closed' };

const MAX_ENTRIES = 100_000;
const pause = { baseMs: 50, maxMs: 1_000 };

interface Settings<T> {
  readonly state: State;
  readonly selection: Selection<T>;
  readonly maxEntries: number;
}

class LiveReplica<T> implements Replica<T> {
  readonly #settings: Settings<T>;
  readonly #mirror: Mirror<T>;
  readonly #listeners = new Set<ReplicaListener<T>>();
  readonly #ending = new AbortController();
  #phase: Phase = { name: 'behind', since: performance.now() };
  #off: Unsubscribe | undefined;
  /** Nothing is told: what is read now may be old a moment later. */
  #deaf = false;
  /** Counts what makes a reading that is under way worthless. */
  #gaps = 0;
  #reading = false;
  #refresh: NodeJS.Timeout | undefined;

  constructor(settings: Settings<T>) {
    this.#settings = settings;
    this.#mirror = new Mirror<T>({
      onChange: (key, value) => {
        for (const listener of [...this.#listeners]) callListener(() => listener(key, value));
      },
    });
  }

  get(key: string): Frozen<T> | undefined {
    const value = this.#mirror.get(key);
    // What is there is surely held: only a miss has to be looked at.
    if (value === undefined) this.#check(key);
    return value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  keys(): string[] {
    this.#check(undefined);
    return this.#mirror.keys();
  }

  get size(): number {
    this.#check(undefined);
    return this.#mirror.size;
  }

  get current(): boolean {
    return this.#phase.name === 'current';
  }

  get staleMs(): number {
    return this.#phase.name === 'behind' ? performance.now() - this.#phase.since : 0;
  }

  onChange(listener: ReplicaListener<T>): () => void {
    const own: ReplicaListener<T> = (key, value) => listener(key, value);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  close(): Promise<void> {
    return this.#end({ name: 'closed' });
  }

  /** Rejects with what the engine says, or E_REPLICA_FULL. */
  async start(refreshMs: number | undefined): Promise<this> {
    try {
      this.#off = await this.#settings.selection.subscribe((change) => this.#hear(change));
      for (let attempt = 0; !(await this.#readAll()); attempt += 1)
        await delay(backoffMs(pause, attempt, Math.random));
    } catch (error) {
      await this.#end({ name: 'closed' });
      throw error;
    }
    if (this.#phase.name === 'full') throw this.#full();
    if (refreshMs !== undefined) this.#refresh = setInterval(() => this.#catchUp(), refreshMs).unref();
    return this;
  }

  #hear(change: StateChange<T>): void {
    if (this.#ending.signal.aborted) return;
    switch (change.type) {
      case 'away':
      case 'missed':
        this.#deaf = change.type === 'away';
        this.#gaps += 1;
        this.#fallBehind();
        this.#catchUp();
        break;
      case 'set':
      case 'expire':
      case 'delete':
        this.#mirror.told(change);
        this.#limit(this.#mirror.size);
    }
  }

  #fallBehind(): void {
    if (this.#phase.name === 'current') this.#phase = { name: 'behind', since: performance.now() };
  }

  /** Reads until everything is known, if changes are told. */
  #catchUp(): void {
    if (this.#deaf || this.#off === undefined || this.#ending.signal.aborted) return;
    if (this.#reading) return;
    this.#reading = true;
    void this.#keepReading().finally(() => {
      this.#reading = false;
      if (this.#phase.name === 'behind') this.#catchUp();
    });
  }

  async #keepReading(): Promise<void> {
    const { signal } = this.#ending;
    for (let attempt = 0; !this.#deaf && !signal.aborted; attempt += 1) {
      try {
        if (await this.#readAll()) return;
      } catch (error) {
        this.#fallBehind();
        // Nothing will ever be told again.
        if (error instanceof SkeinError && error.code === 'E_STATE_CLOSED') this.#deaf = true;
      }
      await delay(backoffMs(pause, attempt, Math.random), undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** False when an interruption came between. */
  async #readAll(): Promise<boolean> {
    const { state, selection } = this.#settings;
    const gaps = this.#gaps;
    const { signal } = this.#ending;
    const isValid = (): boolean => gaps === this.#gaps && !this.#deaf && !signal.aborted;
    this.#mirror.begin();
    const keys = await selection.list();
    this.#limit(keys.length);
    await readEntries<T>(state, keys, (key, entry) => this.#mirror.found(key, entry), isValid);
    if (signal.aborted) return true;
    if (!isValid()) return false;
    this.#mirror.end();
    this.#phase = { name: 'current' };
    return true;
  }

  #limit(entries: number): void {
    if (entries > this.#settings.maxEntries) void this.#end({ name: 'full' });
  }

  async #end(phase: Phase): Promise<void> {
    this.#phase = phase;
    this.#ending.abort();
    clearInterval(this.#refresh);
    this.#mirror.clear();
    this.#listeners.clear();
    const off = this.#off;
    this.#off = undefined;
    // What cannot be reached tells nothing any more either.
    await off?.().catch(() => {});
  }

  #full(): SkeinError {
    const { selection, maxEntries } = this.#settings;
    return new SkeinError('E_REPLICA_FULL', { selection: selection.text, limit: `${maxEntries}` });
  }

  #check(key: string | undefined): void {
    const { selection } = this.#settings;
    switch (this.#phase.name) {
      case 'full':
        throw this.#full();
      case 'closed':
        throw new SkeinError('E_STATE_CLOSED', { operation: 'read', key: key ?? selection.text });
      case 'current':
      case 'behind':
        if (key !== undefined && !selection.holds(key))
          throw new SkeinError('E_REPLICA_KEY', { key: JSON.stringify(key), selection: selection.text });
    }
  }
}

/**
 * A local copy of the keys that begin with a prefix, or of some by name, which follows every change.
 * Resolves when everything is there. Another worker's write is seen a moment after it was made: what
 * must not be old is read from the state itself.
 *
 * Rejects with E_REPLICA_FULL, E_STATE_AWAY, E_STATE_CANNOT (Memcached), E_STATE_KEY and E_BAD_VALUE.
 */
export const replica = async <T = unknown>(
  state: State,
  selected: ReplicaSelection,
  { maxEntries = MAX_ENTRIES, refresh }: ReplicaOptions = {},
): Promise<Replica<T>> => {
  const settings = {
    state,
    selection: selectionOf<T>(state, selected),
    maxEntries: countOption('maxEntries', maxEntries, 1),
  };
  return new LiveReplica<T>(settings).start(refresh === undefined ? undefined : toMs('refresh', refresh));
};
