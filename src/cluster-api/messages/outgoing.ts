/**
 * What is on its way to one member, in order, until it is taken: the sending half of a sliding window.
 * Nothing here knows a clock or a connection.
 */
import type { Cargo, Numbered } from './wire.ts';
import { MAX_BATCH_CARGO, MAX_BATCH_CHARS } from './wire.ts';

export interface Sent<P> {
  readonly cargo: Numbered;
  /** Who waits for it to be taken. */
  readonly parcel: P;
  readonly bornAt: number;
}

/** A member answers in less than this unless it is busy or did not get the batch. */
export const FIRST_REPEAT_MS = 250;
const LAST_REPEAT_MS = 2_000;
/** Enough to fill a gap; the rest follows when it is taken. */
const REPEAT_CARGO = 64;

export class Outgoing<P> {
  readonly #untaken = new Map<number, Sent<P>>();
  #unsent: Sent<P>[] = [];
  #next = 1;
  #sentAt = 0;
  #repeatMs = FIRST_REPEAT_MS;

  get base(): number {
    return this.#untaken.keys().next().value ?? this.#next;
  }

  get size(): number {
    return this.#untaken.size;
  }

  /** Its number. */
  push(cargo: Cargo, parcel: P, now: number): number {
    const n = this.#next;
    this.#next += 1;
    const sent = { cargo: { ...cargo, n }, parcel, bornAt: now };
    if (this.#untaken.size === 0) this.#sentAt = now;
    this.#untaken.set(n, sent);
    this.#unsent.push(sent);
    return n;
  }

  /** What is to be sent next, at most a batch of it; empty when there is nothing. */
  takeUnsent(now: number): Sent<P>[] {
    // Given up meanwhile.
    const first = this.#unsent.findIndex(({ cargo }) => this.#untaken.has(cargo.n));
    if (first === -1) {
      this.#unsent = [];
      return [];
    }
    const batch = this.#batchOf(this.#unsent.slice(first, first + MAX_BATCH_CARGO), MAX_BATCH_CARGO);
    this.#unsent = this.#unsent.slice(first + batch.length);
    // Nothing older waits: from now on this does.
    if (this.base === batch[0]?.cargo.n) this.#sentAt = now;
    return batch.filter(({ cargo }) => this.#untaken.has(cargo.n));
  }

  /** The oldest that was not taken for so long that it may be lost, each time after a longer while. */
  takeOverdue(now: number): Sent<P>[] {
    if (!this.#isSent(this.base) || now - this.#sentAt < this.#repeatMs) return [];
    this.#repeatMs = Math.min(2 * this.#repeatMs, LAST_REPEAT_MS);
    return this.takeAgain(now);
  }

  /** As `takeOverdue`, at once: the engine was away. */
  takeAgain(now: number): Sent<P>[] {
    this.#sentAt = now;
    const oldest: Sent<P>[] = [];
    for (const sent of this.#untaken.values()) {
      if (oldest.length === REPEAT_CARGO || !this.#isSent(sent.cargo.n)) break;
      oldest.push(sent);
    }
    return this.#batchOf(oldest, REPEAT_CARGO);
  }

  /** When the oldest was sent, if one was not taken yet. */
  get waitingSince(): number | undefined {
    return this.#untaken.size === 0 ? undefined : this.#sentAt;
  }

  /** Everything up to `n` was taken; returns what that was, in order. */
  taken(n: number, now: number): Sent<P>[] {
    const done: Sent<P>[] = [];
    for (const sent of this.#untaken.values()) {
      if (sent.cargo.n > n) break;
      done.push(sent);
    }
    if (done.length === 0) return done;
    for (const { cargo } of done) this.#untaken.delete(cargo.n);
    this.#sentAt = now;
    this.#repeatMs = FIRST_REPEAT_MS;
    return done;
  }

  giveUp(n: number): void {
    this.#untaken.delete(n);
  }

  clear(): void {
    this.#untaken.clear();
    this.#unsent = [];
  }

  #isSent(n: number): boolean {
    return n < (this.#unsent[0]?.cargo.n ?? this.#next);
  }

  /** At least one, whatever its size. */
  #batchOf(from: readonly Sent<P>[], most: number): Sent<P>[] {
    let chars = 0;
    let count = 0;
    for (const { cargo } of from) {
      chars += cargo.value?.length ?? 0;
      if (count === most || (count > 0 && chars > MAX_BATCH_CHARS)) break;
      count += 1;
    }
    return from.slice(0, count);
  }
}
