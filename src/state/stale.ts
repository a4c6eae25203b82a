/**
 * The last values this process has read, for callers who prefer an old one to none while the engine
 * is away. Only reads that allow it are remembered, the least recent are forgotten first.
 */
import { SkeinError } from '../core/errors.ts';
import type { Entry } from './engine.ts';

export interface Remembered {
  readonly entry: Entry | null;
  readonly staleMs: number;
}

interface Memory {
  readonly entry: Entry | null;
  /** performance.now() of the read. */
  readonly at: number;
}

const MAX_ENTRIES = 10_000;
const MAX_CHARS = 16 * 1024 * 1024;

export class StaleReads {
  readonly #memory = new Map<string, Memory>();
  #chars = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What `read` gives, or, when that fails with E_STATE_AWAY, what it gave at most `staleMs` ago. */
  async read(key: string, staleMs: number, read: () => Promise<Entry | null>): Promise<Remembered> {
    try {
      const entry = await read();
      this.#remember(key, entry);
      return { entry, staleMs: 0 };
    } catch (error) {
      const last = this.#memory.get(key);
      if (!(error instanceof SkeinError && error.code === 'E_STATE_AWAY') || last === undefined) throw error;
      const age = this.#now() - last.at;
      if (age > staleMs) throw error;
      return { entry: last.entry, staleMs: age };
    }
  }

  /** What this process has written itself is newer than what it read; the next read remembers anew. */
  forget(key: string): void {
    if (this.#memory.size === 0) return;
    const last = this.#memory.get(key);
    if (last === undefined) return;
    this.#memory.delete(key);
    this.#chars -= last.entry?.text.length ?? 0;
  }

  #remember(key: string, entry: Entry | null): void {
    this.forget(key);
    this.#memory.set(key, { entry, at: this.#now() });
    this.#chars += entry?.text.length ?? 0;
    for (const oldest of this.#memory.keys()) {
      if (this.#memory.size <= MAX_ENTRIES && this.#chars <= MAX_CHARS) return;
      this.forget(oldest);
    }
  }
}
