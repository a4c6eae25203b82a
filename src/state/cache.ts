/**
 * A read-through cache. However many ask for a key that is missing, one of all workers makes it: in
 * this process the first, among processes who holds a short lease; the others wait for its result.
 * Made without versions and subscriptions, so that Memcached can carry it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SkeinError } from '../core/errors.ts';
import type { Duration } from '../core/options.ts';
import type { CacheEntry } from './cache-entry.ts';
import { worthOf } from './cache-entry.ts';
import type { State } from './contract.ts';
import { toMs } from './limits.ts';

export interface CacheOptions {
  /** How long a value is fresh. */
  readonly ttl: Duration;
  /** How long after that it is still given out, while a new one is made. Default: 0. */
  readonly stale?: Duration;
  /** How long others wait for the one who makes a value before they make it themselves. Default: 10 s. */
  readonly lease?: Duration;
}

export interface CacheReadOptions {
  /** What `invalidate` can name to end all values that have it. */
  readonly tags?: readonly string[];
  readonly ttl?: Duration;
  readonly stale?: Duration;
}

export interface CacheStats {
  readonly hits: number;
  readonly staleHits: number;
  readonly misses: number;
  /** Values made by this process. */
  readonly loads: number;
}

export interface Cache {
  /**
   * The value, made by `load` when there is none. While the engine is away every process makes its
   * own: a cache that is gone must not take the app along. Rejects with what `load` rejects with.
   */
  get<T>(key: string, load: () => Promise<T> | T, options?: CacheReadOptions): Promise<T>;
  delete(key: string): Promise<void>;
  /** Ends all values with this tag, in every process. */
  invalidate(tag: string): Promise<void>;
  /** Of this process. */
  stats(): CacheStats;
}

const isAway = (error: unknown): boolean =>
  error instanceof SkeinError && (error.code === 'E_STATE_AWAY' || error.code === 'E_STATE_IN_DOUBT');

export const cache = (state: State, name: string, options: CacheOptions): Cache => {
  const entries = state.namespace('cache').namespace(name);
  const tagEntries = entries.namespace('tag');
  const leases = entries.namespace('lease');
  const values = entries.namespace('value');
  const leaseMs = toMs('lease', options.lease ?? 10_000);
  const defaults = {
    ttlMs: toMs('ttl', options.ttl),
    staleMs: toMs('stale', options.stale ?? 0, { zero: true }),
  };
  const loading = new Map<string, Promise<unknown>>();
  const counts = { hits: 0, staleHits: 0, misses: 0, loads: 0 };

  const tagVersions = async (tags: readonly string[]): Promise<Record<string, number | undefined>> =>
    Object.fromEntries(
      await Promise.all(tags.map(async (tag) => [tag, (await tagEntries.getEntry(tag))?.version] as const)),
    );

  /** A tag that is not there gets a version, so that losing it later is seen. */
  const pinTags = async (tags: readonly string[]): Promise<Record<string, number>> => {
    const pin = async (tag: string): Promise<number> =>
      (await tagEntries.getEntry(tag))?.version ?? (await tagEntries.compareAndSet(tag, null, 1)) ?? pin(tag);
    return Object.fromEntries(await Promise.all(tags.map(async (tag) => [tag, await pin(tag)] as const)));
  };

  const look = async (key: string) => {
    const entry = await values.get<CacheEntry>(key);
    const tags = entry === undefined ? {} : await tagVersions(Object.keys(entry.tags));
    return { entry, worth: worthOf(entry, tags, Date.now()) };
  };

  const make = async <T>(key: string, load: () => Promise<T> | T, read: CacheReadOptions): Promise<T> => {
    const ttlMs = read.ttl === undefined ? defaults.ttlMs : toMs('ttl', read.ttl);
    const staleMs = read.stale === undefined ? defaults.staleMs : toMs('stale', read.stale, { zero: true });
    // Before the value is made: an invalidation meanwhile ends it.
    const tags = await pinTags(read.tags ?? []).catch((error: unknown) => {
      if (isAway(error)) return undefined;
      throw error;
    });
    counts.loads += 1;
    const value = await load();
    if (tags === undefined) return value;
    const entry: CacheEntry = { value, freshUntil: Date.now() + ttlMs, tags };
    await values.set<unknown>(key, entry, { ttl: ttlMs + staleMs }).catch((error: unknown) => {
      if (!isAway(error)) throw error;
    });
    return value;
  };

  /** By who gets the lease; the others take what that one makes, or try themselves when it is over. */
  const makeOnce = async <T>(key: string, load: () => Promise<T> | T, read: CacheReadOptions): Promise<T> => {
    const deadline = performance.now() + leaseMs;
    for (let pauseMs = 5; ; pauseMs = Math.min(100, pauseMs * 2)) {
      if ((await leases.compareAndSet(key, null, 1, { ttl: leaseMs })) !== undefined) {
        try {
          // Somebody may have made it between the look and the lease.
          const { entry, worth } = await look(key);
          return worth === 'fresh' ? (entry?.value as T) : await make(key, load, read);
        } finally {
          await leases.delete(key).catch(() => {});
        }
      }
      await delay(pauseMs);
      const { entry, worth } = await look(key);
      if (worth === 'fresh') return entry?.value as T;
      if (performance.now() >= deadline) return make(key, load, read);
    }
  };

  const single = <T>(key: string, load: () => Promise<T> | T, read: CacheReadOptions): Promise<T> => {
    const running = loading.get(key);
    if (running !== undefined) return running as Promise<T>;
    const mine = makeOnce(key, load, read)
      .catch((error: unknown) => {
        // Only what the engine said is ours to get over; `load` has its own failures.
        if (!isAway(error)) throw error;
        return make(key, load, read);
      })
      .finally(() => loading.delete(key));
    loading.set(key, mine);
    return mine;
  };

  return {
    async get<T>(key: string, load: () => Promise<T> | T, read: CacheReadOptions = {}) {
      const found = await look(key).catch((error: unknown) => {
        if (isAway(error)) return { entry: undefined, worth: 'none' as const };
        throw error;
      });
      switch (found.worth) {
        case 'fresh':
          counts.hits += 1;
          return found.entry?.value as T;
        case 'stale':
          counts.staleHits += 1;
          // A failure leaves the stale value for those who come until it is over.
          single(key, load, read).catch(() => {});
          return found.entry?.value as T;
        case 'none':
          counts.misses += 1;
          return single(key, load, read);
      }
    },
    async delete(key) {
      await values.delete(key);
    },
    async invalidate(tag) {
      await tagEntries.set(tag, 1);
    },
    stats: () => ({ ...counts }),
  };
};
