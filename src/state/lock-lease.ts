/**
 * One holding of a lock: keeps it alive, and notices when that did not work. The holder trusts its own
 * clock of how long ago it last renewed, because a process that was paused cannot know anything else.
 */
import { SkeinError } from '../core/errors.ts';
import type { State } from './contract.ts';

export interface Held {
  /**
   * Greater than that of every earlier holder. Give it along with each write, and let the target refuse
   * a smaller one than it has seen: only that keeps out a holder who does not know yet that he lost.
   */
  readonly token: number;
  /** Aborted with E_LOCK_LOST as its reason as soon as the loss is noticed. */
  readonly signal: AbortSignal;
  /** Throws E_LOCK_LOST when the lock is not surely held any more. */
  check(): void;
  /** Rejects with E_LOCK_LOST when it was lost before. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly entries: State;
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly version: number;
  /** performance.now() when the request was sent that got it. */
  readonly since: number;
}

export class Lease implements Held {
  readonly token: number;
  readonly #options: LeaseOptions;
  readonly #controller = new AbortController();
  #version: number;
  #validUntil: number;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;
  #over = false;
  #problem = 'it could not be renewed in time';

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.token = options.version;
    this.#version = options.version;
    this.#validUntil = options.since + options.ttlMs;
    this.#schedule();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  check(): void {
    if (!this.#over && performance.now() >= this.#validUntil)
      this.#lose(`this process was paused, or ${this.#problem}`);
    this.signal.throwIfAborted();
  }

  async release(): Promise<void> {
    if (this.#over) return this.signal.throwIfAborted();
    // One that is under way sets the timer of the next.
    await this.#renewing;
    clearTimeout(this.#timer);
    this.check();
    this.#over = true;
    const { entries, name } = this.#options;
    if (await entries.compareAndDelete(name, this.#version)) return;
    this.#over = false;
    this.#lose('another holder has it');
    this.signal.throwIfAborted();
  }

  /** Thrice in a time to live, so that one renewal may fail. */
  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew();
    }, this.#options.ttlMs / 3).unref();
  }

  async #renew(): Promise<void> {
    const began = performance.now();
    if (began >= this.#validUntil) return this.#lose(`this process was paused, or ${this.#problem}`);
    try {
      if (await this.#extend()) this.#validUntil = began + this.#options.ttlMs;
      else return this.#lose('another holder has it, or it expired');
    } catch (error) {
      this.#problem = `it could not be renewed (${error instanceof Error ? error.message : String(error)})`;
    }
    if (!this.#over) this.#schedule();
  }

  /** An earlier renewal whose answer was lost may have changed the version. */
  async #extend(): Promise<boolean> {
    const { entries, name, owner, ttlMs } = this.#options;
    const version = await entries.compareAndSet(name, this.#version, owner, { ttl: ttlMs });
    if (version !== undefined) {
      this.#version = version;
      return true;
    }
    const entry = await entries.getEntry(name);
    if (entry?.value !== owner) return false;
    this.#version = entry.version;
    return this.#extend();
  }

  #lose(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    const { name } = this.#options;
    this.#controller.abort(new SkeinError('E_LOCK_LOST', { name, token: `${this.token}`, reason }));
  }
}
