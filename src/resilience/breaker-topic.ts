/**
 * What is known about the breakers of one name, in this process and under one key of shared state. The
 * subscription to that key brings the news, and the key has the last of them for whoever comes later.
 * Whenever the two differ, the higher version goes to the other side; so all workers end in one
 * state even when messages were lost, or the state itself.
 */
import { backoffMs } from '../core/backoff.ts';
import type { State, StateChange, Unsubscribe } from '../state/contract.ts';
import type { BreakerNews } from './breaker-link.ts';
import { outranks } from './breaker-state.ts';
import { fromStored, keepFor, toStored } from './stored-news.ts';

export interface TopicListener {
  readonly news: (news: BreakerNews) => void;
  /** The state could not be reached; it is tried again. */
  readonly failure: (error: unknown) => void;
}

/** What the state has, as far as this process knows. `version` is the entry's; null: there is none. */
interface Kept {
  readonly version: number | null;
  readonly news: BreakerNews | undefined;
}

const pause = { baseMs: 50, maxMs: 1_000 };

export class BreakerTopic {
  readonly #entries: State;
  readonly #name: string;
  readonly #listener: TopicListener;
  /** The highest that this process decided or heard, and when. */
  #mine: { readonly news: BreakerNews; readonly at: number } | undefined;
  /** Undefined: has to be read. */
  #kept: Kept | undefined;
  #subscription: Unsubscribe | undefined;
  #running: Promise<boolean> | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  /** `entries`: a namespace of its own, with one key per name of a breaker. */
  constructor(entries: State, name: string, listener: TopicListener) {
    this.#entries = entries;
    this.#name = name;
    this.#listener = listener;
  }

  /** What this process decided. */
  decide(news: BreakerNews): void {
    this.#mine = { news, at: performance.now() };
    void this.settle();
  }

  /** Brings both sides together. Resolves when that is done, or has failed for now and will be tried again. */
  async settle(): Promise<void> {
    clearTimeout(this.#retry);
    while (!this.#closed && (this.#differ() || this.#running !== undefined)) {
      this.#running ??= this.#step().finally(() => (this.#running = undefined));
      if (!(await this.#running)) return;
    }
  }

  /** Reads what the state has now. Rejects when it cannot be reached. */
  async refresh(): Promise<void> {
    const entry = await this.#entries.getEntry(this.#name);
    this.#learn(entry?.version ?? null, entry?.value, Date.now());
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#subscription?.().catch(() => {});
  }

  #differ(): boolean {
    if (this.#subscription === undefined || this.#kept === undefined) return true;
    if (this.#mine === undefined) return false;
    const { news } = this.#mine;
    // To a worker that finds nothing a breaker is closed.
    return this.#kept.news === undefined ? news.state !== 'closed' : outranks(news, this.#kept.news);
  }

  /** One thing that is missing; false when it failed. */
  async #step(): Promise<boolean> {
    try {
      if (this.#subscription === undefined) await this.#subscribe();
      else if (this.#kept === undefined) await this.refresh();
      else await this.#write(this.#kept.version);
      this.#failures = 0;
      return true;
    } catch (error) {
      this.#kept = undefined;
      this.#failures += 1;
      if (this.#closed) return false;
      this.#retry = setTimeout(
        () => void this.settle(),
        backoffMs(pause, this.#failures, Math.random),
      ).unref();
      this.#listener.failure(error);
      return false;
    }
  }

  async #subscribe(): Promise<void> {
    const subscription = await this.#entries.subscribe(this.#name, (change) => this.#hear(change));
    if (this.#closed) await subscription();
    this.#subscription = subscription;
  }

  async #write(over: number | null): Promise<void> {
    if (this.#mine === undefined) return;
    const { news: decided, at } = this.#mine;
    const news = { ...decided, openForMs: Math.max(0, decided.openForMs - (performance.now() - at)) };
    const stored = toStored(news, Date.now());
    const version = await this.#entries.compareAndSet(this.#name, over, stored, keepFor(news));
    if (version === undefined) this.#kept = undefined;
    else if (this.#isNewer(version)) this.#kept = { version, news };
  }

  #isNewer(version: number): boolean {
    return this.#kept === undefined || this.#kept.version === null || version > this.#kept.version;
  }

  #hear(change: StateChange): void {
    if (this.#closed) return;
    switch (change.type) {
      case 'set':
        if (this.#isNewer(change.version)) this.#learn(change.version, change.value, undefined);
        break;
      case 'delete':
        // Time to live that ran out is meant; anything else took away what late workers need.
        if (change.reason === 'expired') return;
        this.#kept = undefined;
        break;
      case 'missed':
        this.#kept = undefined;
        break;
      case 'expire':
      // What cannot be written meanwhile says so itself.
      case 'away':
        return;
    }
    void this.settle();
  }

  #learn(version: number | null, value: unknown, now: number | undefined): void {
    const news = value === undefined ? undefined : fromStored(this.#name, value, now);
    this.#kept = { version, news };
    if (news === undefined || (this.#mine !== undefined && !outranks(news, this.#mine.news))) return;
    this.#mine = { news, at: performance.now() };
    this.#listener.news(news);
  }
}
