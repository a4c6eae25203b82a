/** Calls of a batch, one by one: from what is in a line to what the store does, and its result. */
import { SkeinError } from '../../core/errors.ts';
import type { WireEntry, WireError, WireStats } from '../../protocol/state-wire.ts';
import { OP } from '../../protocol/state-wire.ts';
import type { Selector, Ttl } from '../engine.ts';
import type { MemoryStore } from '../engines/memory/store.ts';

/** What is no call of this protocol. The rest of its line cannot be understood either. */
export class Nonsense extends Error {}

export type Result = WireEntry | WireStats | WireError | readonly string[] | number | boolean | null;

/** What a call needs beside the entries. */
export interface Surroundings {
  readonly memory: MemoryStore;
  publish(topic: string, text: string): void;
  subscribe(selector: Selector): void;
  unsubscribe(selector: Selector): void;
  /** Ends the store; how many entries there were. */
  drop(): number;
}

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  throw new Nonsense('where a text should be is none');
};

const integer = (value: unknown, least = Number.MIN_SAFE_INTEGER): number => {
  if (Number.isSafeInteger(value) && (value as number) >= least) return (value as number) + 0;
  throw new Nonsense('where an integer should be is none');
};

const timeOrNever = (value: unknown): number | null => (value === null ? null : integer(value, 0));

const ttl = (value: unknown): Ttl => (value === 'keep' ? value : timeOrNever(value));

const selector = (kind: unknown, name: unknown): Selector => {
  if (kind === 'key' || kind === 'prefix' || kind === 'topic') return { kind, name: text(name) };
  throw new Nonsense('there is no such kind of subscription');
};

/** A cursor over the calls of one line. */
export class Calls {
  readonly #items: readonly unknown[];
  #at = 0;

  /** Throws `Nonsense` for what is no list. */
  constructor(line: string) {
    let items: unknown;
    try {
      items = JSON.parse(line);
    } catch {
      throw new Nonsense('a line is not JSON');
    }
    if (!Array.isArray(items)) throw new Nonsense('a line is no list');
    this.#items = items;
  }

  get done(): boolean {
    return this.#at >= this.#items.length;
  }

  /** Does the next call. Throws `Nonsense`; what the store refuses is a result. */
  perform(around: Surroundings): Result {
    try {
      return this.#perform(around);
    } catch (error) {
      if (error instanceof SkeinError) return { error: error.toData() };
      throw error;
    }
  }

  #perform(around: Surroundings): Result {
    const { memory } = around;
    const items = this.#items;
    const at = this.#at;
    switch (items[at]) {
      case OP.get: {
        this.#at = at + 2;
        const entry = memory.get(text(items[at + 1]));
        return entry === null ? null : [entry.text, entry.version, entry.expiresAt];
      }
      case OP.set:
        this.#at = at + 4;
        return memory.set(text(items[at + 1]), text(items[at + 2]), ttl(items[at + 3]));
      case OP.delete:
        this.#at = at + 2;
        return memory.delete(text(items[at + 1]));
      case OP.increment:
        this.#at = at + 4;
        return memory.increment(text(items[at + 1]), integer(items[at + 2]), timeOrNever(items[at + 3]));
      case OP.compareAndSet: {
        this.#at = at + 5;
        const value = items[at + 3] === null ? null : text(items[at + 3]);
        return memory.compareAndSet(
          text(items[at + 1]),
          integer(items[at + 2], 0),
          value,
          ttl(items[at + 4]),
        );
      }
      case OP.expire:
        this.#at = at + 3;
        return memory.expire(text(items[at + 1]), timeOrNever(items[at + 2]));
      case OP.keys:
        this.#at = at + 2;
        return memory.keys(text(items[at + 1]));
      case OP.publish:
        this.#at = at + 3;
        around.publish(text(items[at + 1]), text(items[at + 2]));
        return null;
      case OP.subscribe:
        this.#at = at + 3;
        around.subscribe(selector(items[at + 1], items[at + 2]));
        return null;
      case OP.unsubscribe:
        this.#at = at + 3;
        around.unsubscribe(selector(items[at + 1], items[at + 2]));
        return null;
      case OP.stats: {
        this.#at = at + 1;
        const { entries, bytes, evictions } = memory.stats();
        return [entries, bytes, evictions];
      }
      case OP.limit:
        this.#at = at + 2;
        memory.limit(integer(items[at + 1], 1));
        return null;
      case OP.drop:
        this.#at = at + 1;
        return around.drop();
      default:
        throw new Nonsense('there is no such call');
    }
  }
}
