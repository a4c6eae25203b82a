/**
 * Rate limits of a snapshot: one for all requests, and one for each route that has its own. Their buckets
 * are in the shared state where there is one, so that the limit is one for all workers; while it does not
 * answer, each worker counts by itself.
 */
import type { FrontSettings, KeySource, RateLimit, RouteSettings } from '../../protocol/balance.ts';
import type { State } from '../../state/contract.ts';
import type { RateLimiter } from '../../state/rate-limit.ts';
import { tokenBucket } from '../../state/token-bucket.ts';
import type { Rates } from '../contract.ts';
import { LocalBuckets } from './local-buckets.ts';

/** For so long after a failure the shared state is not asked. */
const REST_MS = 1_000;

const toSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Keys are kept in names with limits of their own; what is longer counts with what begins alike. */
const LONGEST_KEY = 200;

class Limit {
  readonly settings: RateLimit;
  readonly #clock: () => number;
  readonly #local: LocalBuckets;
  readonly #shared: RateLimiter | undefined;
  #restUntil = -Infinity;

  constructor(name: string, settings: RateLimit, state: State | undefined, clock: () => number) {
    this.settings = settings;
    this.#clock = clock;
    this.#local = new LocalBuckets(settings);
    if (state === undefined) return;
    const refill = Math.max(1, Math.round(settings.perSecond));
    const per = Math.max(1, Math.round((refill / settings.perSecond) * 1000));
    this.#shared = tokenBucket(state, name, {
      capacity: Math.max(1, Math.round(settings.burst)),
      refill,
      per,
    });
  }

  take(key: string): number | null | Promise<number | null> {
    if (this.#shared === undefined || this.#clock() < this.#restUntil) return this.#takeLocal(key);
    return this.#takeShared(this.#shared, key);
  }

  #takeLocal(key: string): number | null {
    const waitMs = this.#local.take(key, this.#clock());
    return waitMs === null ? null : toSeconds(waitMs);
  }

  async #takeShared(shared: RateLimiter, key: string): Promise<number | null> {
    try {
      const { allowed, retryAfterMs } = await shared.take(
        // Half of a surrogate pair cannot be encoded, which would look like a failure of the state.
        encodeURIComponent(key.replace(/\p{Surrogate}/gu, '?')).slice(0, LONGEST_KEY) || '-',
      );
      return allowed ? null : toSeconds(retryAfterMs);
    } catch {
      this.#restUntil = this.#clock() + REST_MS;
      return this.#takeLocal(key);
    }
  }
}

const same = (one: RateLimit, other: RateLimit): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Limits by the name of their buckets. Those that stay the same keep what they have counted. */
export class RateLimits {
  readonly #state: State | undefined;
  readonly #clock: () => number;
  #limits: ReadonlyMap<string, Limit> = new Map();

  constructor(state?: State, clock: () => number = () => performance.now()) {
    this.#state = state;
    this.#clock = clock;
  }

  /** They are counted together with other processes. */
  get shares(): boolean {
    return this.#state !== undefined;
  }

  /** What the requests of a snapshot are counted by. */
  of(front: Pick<FrontSettings, 'limits'>, routes: readonly RouteSettings[]): Rates {
    const limits = new Map<string, Limit>();
    const limitOf = (name: string, settings: RateLimit): Limit => {
      const before = this.#limits.get(name);
      const limit =
        before !== undefined && same(before.settings, settings)
          ? before
          : new Limit(name, settings, this.#state, this.#clock);
      limits.set(name, limit);
      return limit;
    };
    const all = front.limits.rate === null ? undefined : limitOf('all', front.limits.rate);
    const byRoute = new Map<RouteSettings, Limit>();
    for (const route of routes)
      if (route.rateLimit !== null)
        byRoute.set(
          route,
          limitOf(`route ${encodeURIComponent(route.text).slice(0, LONGEST_KEY)}`, route.rateLimit),
        );
    this.#limits = limits;
    if (all === undefined && byRoute.size === 0) return { admit: () => null };
    return { admit: (route, keyOf) => admit(all, byRoute.get(route), keyOf) };
  }
}

/** The route's is asked first: what it refuses does not count for all. */
const admit = (
  all: Limit | undefined,
  own: Limit | undefined,
  keyOf: (source: KeySource) => string,
): number | null | Promise<number | null> => {
  const forAll = () => (all === undefined ? null : all.take(keyOf(all.settings.key)));
  if (own === undefined) return forAll();
  const verdict = own.take(keyOf(own.settings.key));
  if (verdict instanceof Promise) return verdict.then((wait) => wait ?? forAll());
  return verdict ?? forAll();
};
