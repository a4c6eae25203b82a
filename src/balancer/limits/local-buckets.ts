/**
 * Token buckets of one process. Of each key one number is kept, the moment at which its bucket is full
 * again (the generic cell rate algorithm); a key whose moment has passed need not be known.
 */
import type { RateLimit } from '../../protocol/balance.ts';
import { ownText } from '../own-text.ts';

/** So many keys are kept; beyond it those go that were seen first. An attacker has many keys. */
const MOST_KEYS = 100_000;

export class LocalBuckets {
  readonly #tokenMs: number;
  readonly #burstMs: number;
  readonly #fullAt = new Map<string, number>();
  #sweepAt = 1024;

  constructor({ perSecond, burst }: Pick<RateLimit, 'perSecond' | 'burst'>) {
    this.#tokenMs = 1000 / perSecond;
    this.#burstMs = (burst - 1) * this.#tokenMs;
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes a token. null: there was one; a number: milliseconds until there is. `now`: only goes up. */
  take(key: string, now: number): number | null {
    const fullAt = this.#fullAt.get(key);
    const from = Math.max(now, fullAt ?? 0);
    const tooEarlyMs = from - now - this.#burstMs;
    // Rounding of fractions must not cost a token.
    if (tooEarlyMs > 1e-6) return tooEarlyMs;
    this.#fullAt.set(fullAt === undefined ? ownText(key) : key, from + this.#tokenMs);
    if (this.#fullAt.size >= this.#sweepAt) this.#sweep(now);
    return null;
  }

  #sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
    for (const key of this.#fullAt.keys()) {
      if (this.#fullAt.size <= MOST_KEYS / 2) break;
      if (this.#sweepAt >= MOST_KEYS) this.#fullAt.delete(key);
      else break;
    }
    this.#sweepAt = Math.min(MOST_KEYS, Math.max(1024, this.#fullAt.size * 2));
  }
}
