/** What setTimeout takes at most: 24.8 days. Longer waits are made of several. */
const MOST_MS = 2 ** 31 - 1;

/** Calls once when the clock says `at` or later; also when the machine slept meanwhile. */
export class LongTimer {
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  set(at: number, call: () => void): void {
    this.clear();
    const left = Math.max(0, at - this.#now());
    this.#timer = setTimeout(
      () => (this.#now() >= at ? call() : this.set(at, call)),
      Math.min(left, MOST_MS),
    );
    this.#timer.unref();
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
