/**
 * Whether this worker may take connections. Closed at boot when the app says itself when it is
 * ready, and held while a health check of one that is not ready fails; open from then on, shut for
 * good once a drain has begun.
 */
export type GateState = 'closed' | 'open' | 'shut';

export class Gate {
  #state: GateState;
  #waiting: (() => void)[] = [];

  constructor(closedAtBoot: boolean) {
    this.#state = closedAtBoot ? 'closed' : 'open';
  }

  get state(): GateState {
    return this.#state;
  }

  /** Lets nobody more in until it is opened. Without effect when shut. */
  hold(): void {
    if (this.#state === 'open') this.#state = 'closed';
  }

  /** Lets those who wait in. Without effect unless closed. */
  open(): void {
    if (this.#state !== 'closed') return;
    this.#state = 'open';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const enter of waiting) enter();
  }

  /** Nobody gets in any more. */
  shut(): void {
    this.#state = 'shut';
    this.#waiting = [];
  }

  /** Calls `enter` when the gate opens; never when it is shut. */
  whenOpen(enter: () => void): void {
    if (this.#state === 'closed') this.#waiting.push(enter);
    else if (this.#state === 'open') enter();
  }
}
