/**
 * What is known of the threads that one worker uses. Loans are numbered, because what a worker says
 * may have been written before it read the newest one: until it names that, both may be true.
 */
import type { ThreadUse } from '../protocol/worker.ts';

/** It comes from a process that may be of any version. */
const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;

export class ThreadLedger {
  #use: ThreadUse = { loan: 0, lent: 0, inUse: 0, demand: 0 };
  /** Loans that it has not confirmed, oldest first. */
  #unconfirmed: { readonly loan: number; readonly lent: number }[] = [];
  #newest = 0;
  #told = 0;
  #raisedAt: number;
  #wantsSince: number;

  constructor(now: number) {
    this.#raisedAt = now;
    this.#wantsSince = now;
  }

  get demand(): number {
    return this.#use.demand;
  }

  get told(): number {
    return this.#told;
  }

  get newest(): { readonly loan: number; readonly lent: number } {
    return { loan: this.#newest, lent: this.#told };
  }

  get raisedAt(): number {
    return this.#raisedAt;
  }

  get wantsSince(): number {
    return this.#wantsSince;
  }

  /** The most threads that it may be using. */
  get bound(): number {
    const { lent, inUse } = this.#use;
    return Math.max(lent, inUse, ...this.#unconfirmed.map((loan) => loan.lent));
  }

  /** On a new connection: it has read all that will ever come on the one before. */
  hello(use: ThreadUse | undefined, now: number): void {
    this.#unconfirmed = [];
    this.#note(use, now);
    this.#newest = this.#use.loan;
    this.#setTold(this.#use.lent, now);
  }

  heard(use: ThreadUse, now: number): void {
    this.#note(use, now);
    this.#unconfirmed = this.#unconfirmed.filter(({ loan }) => loan > this.#use.loan);
  }

  /** The next loan, to be sent. */
  lend(lent: number, now: number): { readonly loan: number; readonly lent: number } {
    this.#newest += 1;
    const loan = { loan: this.#newest, lent };
    this.#unconfirmed.push(loan);
    this.#setTold(lent, now);
    return loan;
  }

  #note(use: ThreadUse | undefined, now: number): void {
    const wanted = this.#use.demand > this.#told;
    this.#use = {
      loan: countOf(use?.loan),
      lent: countOf(use?.lent),
      inUse: countOf(use?.inUse),
      demand: countOf(use?.demand),
    };
    if (this.#use.demand > this.#told && !wanted) this.#wantsSince = now;
  }

  #setTold(lent: number, now: number): void {
    if (lent > this.#told) this.#raisedAt = now;
    if (lent !== this.#told) this.#wantsSince = now;
    this.#told = lent;
  }
}
