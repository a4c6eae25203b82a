/** Values of the app's cookie with the upstream that set each: bounded, and forgotten when unused. */
import { ownText } from '../../own-text.ts';

export interface LearnedOptions {
  readonly now: () => number;
  /** Default: 50,000; above it those go that were not used for longest. */
  readonly most?: number;
  /** Without a use for so long it is forgotten. Default: a day. */
  readonly keepMs?: number;
}

/** A longer value is nobody's session id, and is not kept. */
const LONGEST = 1024;

export class Learned<T> {
  readonly #now: () => number;
  readonly #most: number;
  readonly #keepMs: number;
  /** Least recently used first, which a Map keeps for nothing. */
  readonly #values = new Map<string, { readonly of: T; readonly until: number }>();

  constructor({ now, most = 50_000, keepMs = 86_400_000 }: LearnedOptions) {
    this.#now = now;
    this.#most = most;
    this.#keepMs = keepMs;
  }

  get size(): number {
    return this.#values.size;
  }

  learn(value: string, of: T): void {
    if (value === '' || value.length > LONGEST) return;
    this.#values.delete(value);
    this.#values.set(ownText(value), { of, until: this.#now() + this.#keepMs });
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most) break;
      this.#values.delete(oldest);
    }
  }

  /** A use. */
  find(value: string): T | undefined {
    const entry = this.#values.get(value);
    if (entry === undefined) return undefined;
    if (entry.until <= this.#now()) {
      this.#values.delete(value);
      return undefined;
    }
    this.learn(value, entry.of);
    return entry.of;
  }
}
