/**
 * What real requests say about one upstream: too many failures open the circuit, after a time one
 * request may try, and what comes of it decides. Knows no clock: the time comes with each call.
 */
import type { PassiveHealth } from '../../../protocol/balance.ts';
import { ErrorWindow } from './error-window.ts';

/** `failures`: of requests. `refused`: nobody listens there, which one attempt shows. */
export type OpenWhy = 'failures' | 'refused';

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly why: OpenWhy; readonly until: number }
  | { readonly kind: 'half-open'; readonly why: OpenWhy; readonly asked: boolean };

const CLOSED: BreakerState = { kind: 'closed' };
/** An ejection gets longer up to so many times. */
const MOST_TIMES = 10;
/** A worker that refuses is being replaced, or its queue is full for a moment. */
const REFUSED_MS = 100;
const MOST_REFUSED_MS = 1_000;

export class Breaker {
  state: BreakerState = CLOSED;
  #consecutive = 0;
  /** Openings in a row: none was a window's time after the one before. */
  #row = 0;
  #closedAt = -Infinity;
  readonly #window = new ErrorWindow();

  /** True: it was open and is closed now. */
  succeeded(now: number, settings: PassiveHealth | null): boolean {
    this.#consecutive = 0;
    if (settings !== null) this.#window.count(now, settings.windowMs, false);
    if (this.state.kind !== 'half-open') return false;
    this.#close(now);
    return true;
  }

  /** `mayEject` is asked only when there is cause. */
  failed(now: number, settings: PassiveHealth, mayEject: () => boolean): 'opened' | 'closed' | 'same' {
    this.#consecutive += 1;
    this.#window.count(now, settings.windowMs, true);
    const { state } = this;
    switch (state.kind) {
      case 'open':
        return 'same';
      case 'half-open':
        // It is there again, which was the question; or the pool cannot spare it.
        if (state.why === 'refused' || !mayEject()) {
          this.#close(now);
          return 'closed';
        }
        break;
      case 'closed':
        if (!this.#isTooMuch(now, settings) || !mayEject()) return 'same';
        if (now - this.#closedAt > settings.windowMs) this.#row = 0;
    }
    this.#row += 1;
    this.#open('failures', now + settings.ejectMs * Math.min(MOST_TIMES, this.#row));
    return 'opened';
  }

  /** Nobody listens. True: it opens. */
  refused(now: number): boolean {
    if (this.state.kind === 'open') return false;
    if (this.state.kind === 'closed') this.#row = 0;
    this.#row += 1;
    this.#open('refused', now + Math.min(MOST_REFUSED_MS, REFUSED_MS * 2 ** (this.#row - 1)));
    return true;
  }

  /** The time is over: one may try. */
  halfOpen(): void {
    if (this.state.kind === 'open') this.state = { kind: 'half-open', why: this.state.why, asked: false };
  }

  /** A request that will decide goes there, or (false) ended without deciding. */
  ask(asked: boolean): void {
    if (this.state.kind === 'half-open') this.state = { kind: 'half-open', why: this.state.why, asked };
  }

  #isTooMuch(now: number, { failures, errorRate, minimumRequests, windowMs }: PassiveHealth): boolean {
    if (this.#consecutive >= failures) return true;
    const { requests, errors } = this.#window.sums(now, windowMs);
    return requests >= minimumRequests && errors >= errorRate * requests;
  }

  #close(now: number): void {
    this.state = CLOSED;
    this.#closedAt = now;
  }

  #open(why: OpenWhy, until: number): void {
    this.state = { kind: 'open', why, until };
    this.#consecutive = 0;
    this.#window.clear();
  }
}
