/** One cached value in this worker: a copy that changes are pushed to, and the turns at which it is made anew. */
import { SkeinError } from '../../core/errors.ts';
import type { State, Unsubscribe } from '../../state/contract.ts';
import { Alarm } from '../alarm.ts';
import { awaited } from '../awaited.ts';
import { complain } from '../complain.ts';
import { asShared } from '../failure.ts';
import { freeze } from '../../core/frozen.ts';
import type { FetchContext } from './call.ts';
import { Fetcher } from './fetcher.ts';
import type { Settings } from './options.ts';
import type { CachedRecord, Use } from './record.ts';
import { dueAt, isNewer, isRecord, useOf } from './record.ts';

export interface ValueOptions {
  readonly entries: State;
  readonly leases: State;
  readonly key: string;
  readonly settings: Settings;
  readonly fn: (context: FetchContext) => unknown;
  readonly leaving: () => boolean;
  /** It is closed, or has not been asked for so long that it is not worth its place. */
  readonly onEnd: () => void;
}

/** A value on demand that nobody has asked for in so many of its intervals is forgotten. */
const IDLE_INTERVALS = 2;
const IDLE_LEAST_MS = 60_000;

export class CachedValue {
  readonly #options: ValueOptions;
  readonly #fetcher: Fetcher;
  readonly #turn = new Alarm();
  readonly #idle = new Alarm();
  readonly #closing = new AbortController();
  readonly #waiting = new Set<() => void>();
  #record: CachedRecord | undefined;
  #error: SkeinError | undefined;
  #running: Promise<void> | undefined;
  /** Told of changes from now on; the first of it has read what is there. */
  #listening: Promise<Unsubscribe | undefined> | undefined;
  #usedAt = 0;

  constructor(options: ValueOptions) {
    this.#options = options;
    this.#fetcher = new Fetcher({
      ...options,
      closing: this.#closing.signal,
      known: () => this.#record,
      adopt: (record, cause) => this.#adopt(record, cause),
      adopted: (ms) => this.#adopted(ms),
    });
    if (options.settings.kind === 'every') void this.#keepGoing();
  }

  get value(): unknown {
    this.#usedAt = Date.now();
    return this.#use() === 'never' ? undefined : this.#record?.good?.value;
  }

  get ageMs(): number | undefined {
    const good = this.#record?.good;
    return good == null ? undefined : Math.max(0, Date.now() - good.at);
  }

  get error(): SkeinError | undefined {
    return this.#error;
  }

  async get(): Promise<unknown> {
    if (this.#use() === 'now') {
      this.#asked();
      return this.#record?.good?.value;
    }
    return awaited(this.#getLater());
  }

  refresh(): Promise<unknown> {
    return awaited(this.#refresh());
  }

  async #getLater(): Promise<unknown> {
    this.#throwIfClosed('get');
    await this.#listen();
    this.#asked();
    // Between two tries that fail nobody waits for the next.
    if (this.#use() !== 'now' && this.#isDue(this.#record)) await this.#fetchDue();
    const use = this.#use();
    if (use !== 'never') return this.#record?.good?.value;
    this.#throwIfClosed('get');
    if (this.#error !== undefined) throw this.#error;
    // Another made one that is too old already for the little that is allowed.
    return this.#record?.good?.value;
  }

  async #refresh(): Promise<unknown> {
    this.#throwIfClosed('refresh');
    await this.#listen();
    // That call began before.
    await this.#running;
    const asked = this.#now();
    const isOld = (record: CachedRecord | undefined): boolean => (record?.called ?? 0) < asked;
    while (isOld(this.#record) && !this.#closing.signal.aborted) await this.#fetch(isOld, asked);
    this.#throwIfClosed('refresh');
    if (this.#error !== undefined) throw this.#error;
    return this.#record?.good?.value;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(this.#closed('get'));
    this.#turn.clear();
    this.#idle.clear();
    this.#options.onEnd();
    this.#wakeAll();
    await this.#deafen();
  }

  #closed(operation: string): SkeinError {
    return new SkeinError('E_STATE_CLOSED', { operation: `cached ${operation}`, key: this.#options.key });
  }

  #throwIfClosed(operation: string): void {
    if (this.#closing.signal.aborted) throw this.#closed(operation);
  }

  #use(): Use {
    return useOf(this.#record, this.#options.settings, Date.now());
  }

  #isDue(record: CachedRecord | undefined): boolean {
    const now = Date.now();
    return dueAt(record, this.#options.settings, now) <= now;
  }

  /** Somebody uses it: what is due by that is begun. */
  #asked(): void {
    if (this.#options.settings.kind !== 'ttl') return;
    const now = Date.now();
    this.#usedAt = now;
    if (this.#isDue(this.#record) && this.#use() === 'now' && !this.#closing.signal.aborted)
      void this.#fetchDue();
  }

  /** What a call takes may be longer than its value is good for: one that began since is enough. */
  #fetchDue(): Promise<void> {
    const asked = this.#now();
    return this.#fetch((record) => this.#isDue(record) && (record?.called ?? 0) < asked, asked);
  }

  /** Later than every call that is known. */
  #now(): number {
    return Math.max(Date.now(), (this.#record?.called ?? 0) + 1);
  }

  /** One at a time in this process. */
  #fetch(wanted: (record: CachedRecord | undefined) => boolean, asked: number): Promise<void> {
    this.#running ??= this.#fetcher
      .fetch(wanted, asked)
      .catch((error: unknown) => complain(`cached ${this.#options.key}`, error))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  #adopt(record: CachedRecord, cause: unknown): void {
    if (!isNewer(this.#record, record)) return;
    freeze(record);
    this.#record = record;
    this.#error = record.failure === null ? undefined : asShared(record.failure, cause);
    this.#wakeAll();
    if (this.#options.settings.kind === 'every') this.#setTurn();
  }

  #setTurn(): void {
    if (this.#closing.signal.aborted) return;
    this.#turn.set(dueAt(this.#record, this.#options.settings, Date.now()), () => void this.#keepGoing());
  }

  /** A turn has come. Who is about to leave lets others have it, and listens to what they make. */
  async #keepGoing(): Promise<void> {
    await this.#listen();
    if (!this.#options.leaving()) await this.#fetchDue();
    if (!this.#options.leaving()) return this.#setTurn();
    if (this.#closing.signal.aborted) return;
    this.#turn.set(Date.now() + this.#options.settings.intervalMs, () => void this.#keepGoing());
  }

  /** Tried again at each turn until it works. */
  async #listen(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#listening ??= this.#begin();
    await this.#listening;
  }

  async #begin(): Promise<Unsubscribe | undefined> {
    const { entries, key, settings } = this.#options;
    try {
      const off = await entries.subscribe<CachedRecord>(key, (change) => {
        if (change.type === 'set' && isRecord(change.value)) this.#adopt(change.value, undefined);
        if (change.type === 'missed') this.#fetcher.read().catch(() => {});
      });
      await this.#fetcher.read().catch((error: unknown) => {
        void off().catch(() => {});
        throw error;
      });
      if (settings.kind === 'ttl') this.#watchUse();
      return off;
    } catch {
      // Away: what is due is made by this worker alone meanwhile.
      this.#listening = undefined;
      return undefined;
    }
  }

  #watchUse(): void {
    const { intervalMs, staleMs } = this.#options.settings;
    const allowedMs = Math.max(IDLE_LEAST_MS, IDLE_INTERVALS * intervalMs, Math.min(staleMs ?? 0, 3_600_000));
    this.#usedAt = Date.now();
    const look = (): void => {
      const until = this.#usedAt + allowedMs;
      if (Date.now() < until) return this.#idle.set(until, look);
      this.#record = undefined;
      this.#error = undefined;
      this.#options.onEnd();
      void this.#deafen();
    };
    this.#idle.set(this.#usedAt + allowedMs, look);
  }

  /** It may be asked for again, and then listens again. */
  async #deafen(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    const off = await listening;
    await off?.().catch(() => {});
  }

  #adopted(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      this.#waiting.add(done);
    });
  }

  #wakeAll(): void {
    for (const done of this.#waiting) done();
  }
}
