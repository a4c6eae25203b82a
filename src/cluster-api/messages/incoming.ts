/** What comes from one member: put in order, each once. The receiving half of a sliding window. */
import type { Numbered, Refusal } from './wire.ts';

/** Cargo that waits for what was lost before it; more is dropped here, and sent again by the sender. */
const MAX_HELD = 1_000;

export class Incoming {
  /** The number that is handled next; undefined before the first batch. */
  #next: number | undefined;
  readonly #held = new Map<number, Numbered>();
  readonly #refused = new Map<number, Refusal>();

  /** Everything up to this number was handled, refused, or given up by its sender. */
  get taken(): number {
    return (this.#next ?? 1) - 1;
  }

  get refused(): readonly (readonly [number, Refusal])[] {
    return [...this.#refused];
  }

  /** What is to be handled now, in order. `base` is the sender's: it does not wait for what is below. */
  accept(base: number, cargo: readonly Numbered[]): Numbered[] {
    const ready: Numbered[] = [];
    let next = Math.max(this.#next ?? base, base);
    for (const one of cargo) {
      if (one.n === next) {
        ready.push(one);
        next += 1;
      } else if (one.n > next && this.#held.size < MAX_HELD) this.#held.set(one.n, one);
    }
    for (let held = this.#held.get(next); held !== undefined; held = this.#held.get(next)) {
      ready.push(held);
      next += 1;
    }
    this.#next = next;
    for (const n of this.#held.keys()) if (n < next) this.#held.delete(n);
    for (const n of this.#refused.keys()) if (n < base) this.#refused.delete(n);
    return ready;
  }

  /** Said with every batch until the sender knows. */
  refuse(n: number, why: Refusal): void {
    this.#refused.set(n, why);
  }
}
