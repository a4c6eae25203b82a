/**
 * Times what clients have to do next, without a timer for each: who waits for a client writes down since
 * when, and one interval for all connections looks who is late. So a client gets up to two turns of the
 * interval more than its limit, and never less.
 */
import type { Limits } from '../../protocol/balance.ts';
import type { Expected, Watch } from '../contract.ts';

export const TURN_MS = 250;

/** Whether what is expected since `elapsedMs` is late. `stillMs`: since anything of it came. */
export const isLate = (
  what: Expected,
  elapsedMs: number,
  stillMs: number,
  bytes: number,
  limits: Limits,
): boolean => {
  switch (what) {
    case 'nothing':
      return false;
    case 'head':
      return elapsedMs > limits.headerTimeoutMs;
    case 'next':
      return elapsedMs > limits.keepAliveTimeoutMs;
    case 'take':
      return stillMs > limits.bodyTimeoutMs;
    case 'body': {
      if (stillMs > limits.bodyTimeoutMs) return true;
      // The first bytes have the time of the pause between two; all others buy theirs at the least rate.
      const bought = limits.bodyBytesPerSecond > 0 ? (bytes / limits.bodyBytesPerSecond) * 1000 : Infinity;
      return elapsedMs > limits.bodyTimeoutMs + bought;
    }
  }
};

class OneWatch implements Watch {
  readonly watches: Watches;
  readonly onLate: (what: Expected) => void;
  what: Expected = 'nothing';
  since = 0;
  movedAt = 0;
  bytes = 0;

  constructor(watches: Watches, onLate: (what: Expected) => void) {
    this.watches = watches;
    this.onLate = onLate;
  }

  expect(what: Expected): void {
    this.what = what;
    this.since = this.watches.now;
    this.movedAt = this.since;
    this.bytes = 0;
  }

  moved(bytes: number): void {
    this.movedAt = this.watches.now;
    this.bytes += bytes;
  }

  end(): void {
    this.watches.forget(this);
  }
}

export class Watches {
  readonly #clock: () => number;
  readonly #limits: () => Limits;
  readonly #all = new Set<OneWatch>();
  #timer: NodeJS.Timeout | undefined;
  /** Of the last turn. */
  now: number;

  /** `limits`: those that hold now. `clock`: milliseconds that only go up. */
  constructor(limits: () => Limits, clock: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#clock = clock;
    this.now = clock();
  }

  get size(): number {
    return this.#all.size;
  }

  /** `onLate` is told once; then nothing is expected until `expect` is called again. */
  watch(onLate: (what: Expected) => void): Watch {
    if (this.#timer === undefined) {
      this.now = this.#clock();
      this.#timer = setInterval(() => this.turn(), TURN_MS).unref();
    }
    const one = new OneWatch(this, onLate);
    this.#all.add(one);
    return one;
  }

  forget(one: OneWatch): void {
    this.#all.delete(one);
  }

  turn(): void {
    this.now = this.#clock();
    const limits = this.#limits();
    for (const one of this.#all) {
      // What was written down is the time of the turn before it.
      const elapsedMs = this.now - one.since - TURN_MS;
      if (!isLate(one.what, elapsedMs, this.now - one.movedAt - TURN_MS, one.bytes, limits)) continue;
      const { what } = one;
      one.what = 'nothing';
      one.onLate(what);
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
