/**
 * A bucket of `capacity` tokens per key that fills evenly, `refill` tokens in each `per`: short bursts
 * pass, the long-term rate is bounded. Exact, by compare-and-set on one entry per key.
 */
import { SkeinError } from '../core/errors.ts';
import { countOption, type Duration } from '../core/options.ts';
import type { State } from './contract.ts';
import { toMs } from './limits.ts';
import type { RateLimiter, Verdict } from './rate-limit.ts';
import { Queues, updateByCompare } from './update.ts';

export interface TokenBucketOptions {
  readonly capacity: number;
  /** Tokens that come back in each `per`. Default: `capacity`. */
  readonly refill?: number;
  readonly per: Duration;
}

export interface Bucket {
  readonly tokens: number;
  /** Milliseconds since 1970 when it had so many. */
  readonly at: number;
}

/** What the bucket holds now. A clock that went back fills nothing. */
export const tokensAt = (bucket: Bucket | undefined, now: number, capacity: number, perMs: number): number =>
  bucket === undefined ? capacity : Math.min(capacity, bucket.tokens + Math.max(0, now - bucket.at) / perMs);

const TIMEOUT_MS = 5_000;

export const tokenBucket = (state: State, name: string, options: TokenBucketOptions): RateLimiter => {
  const capacity = countOption('capacity', options.capacity, 1);
  const refill = countOption('refill', options.refill ?? capacity, 1);
  /** For one token. */
  const tokenMs = toMs('per', options.per) / refill;
  const entries = state.namespace('bucket').namespace(name);
  const queues = new Queues();

  const judge = async (key: string, cost: number) => {
    const entry = await entries.getEntry<Bucket>(key);
    const now = Date.now();
    const tokens = tokensAt(entry?.value, now, capacity, tokenMs);
    const allowed = tokens >= cost;
    const left = allowed ? tokens - cost : tokens;
    const value: Verdict = {
      allowed,
      limit: capacity,
      remaining: Math.floor(left),
      retryAfterMs: allowed ? 0 : Math.max(1, Math.ceil((cost - tokens) * tokenMs)),
    };
    return { value, version: entry?.version ?? null, bucket: { tokens: left, at: now } };
  };

  return {
    async take(key, cost = 1) {
      countOption('cost', cost, 1);
      if (cost > capacity)
        throw new SkeinError('E_BAD_VALUE', {
          option: 'cost',
          value: String(cost),
          expected: `a number up to the capacity, ${capacity}`,
          example: '1',
        });
      const steps = {
        prepare: () => judge(key, cost),
        async commit({ value, version, bucket }: Awaited<ReturnType<typeof judge>>) {
          if (!value.allowed) return true;
          // A full bucket need not be kept.
          const ttl = Math.max(1, Math.ceil((capacity - bucket.tokens) * tokenMs));
          return (await entries.compareAndSet(key, version, bucket, { ttl })) !== undefined;
        },
      };
      return updateByCompare<Verdict, Awaited<ReturnType<typeof judge>>>(key, steps, queues, TIMEOUT_MS);
    },
  };
};
