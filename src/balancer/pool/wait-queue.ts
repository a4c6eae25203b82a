/** Requests that wait, first come, first served; leaving costs nothing wherever one stands. */
import type { Waiter } from '../contract.ts';
import type { Upstream } from './member.ts';

export interface Waiting {
  readonly waiter: Waiter;
  /** From then on a sticky request is content with any upstream. */
  readonly ownUntil: number;
  readonly until: number;
  /** From then on it takes one again that has failed it. */
  readonly againFrom: number;
  /** The group it goes to; null: all. Undefined: that is being looked up. */
  group: string | null | undefined;
  /** Where its session is, as of this epoch. */
  home: Upstream | undefined;
  epoch: number;
}

export class WaitQueue {
  readonly #all = new Map<Waiter, Waiting>();

  get size(): number {
    return this.#all.size;
  }

  add(waiting: Waiting): void {
    this.#all.set(waiting.waiter, waiting);
  }

  get(waiter: Waiter): Waiting | undefined {
    return this.#all.get(waiter);
  }

  /** False: it was not there (any more). */
  remove(waiter: Waiter): boolean {
    return this.#all.delete(waiter);
  }

  /** In the order they came; whoever is called meanwhile may add and remove. */
  values(): IterableIterator<Waiting> {
    return this.#all.values();
  }

  /** When something is due next; Infinity: never. */
  nextDue(now: number): number {
    let next = Infinity;
    for (const waiting of this.#all.values()) next = Math.min(next, dueAt(waiting, now));
    return next;
  }
}

/** When time alone changes something for this one. */
export const dueAt = ({ ownUntil, againFrom, until }: Waiting, now: number): number =>
  Math.min(until, ownUntil > now ? ownUntil : until, againFrom > now ? againFrom : until);
