/** Requests and errors of the last while, in ten steps. */

const STEPS = 10;

export class ErrorWindow {
  readonly #requests = new Uint32Array(STEPS);
  readonly #errors = new Uint32Array(STEPS);
  #step = -1;

  count(now: number, windowMs: number, error: boolean): void {
    const place = this.#moveTo(now, windowMs);
    this.#requests[place] = (this.#requests[place] ?? 0) + 1;
    if (error) this.#errors[place] = (this.#errors[place] ?? 0) + 1;
  }

  sums(now: number, windowMs: number): { readonly requests: number; readonly errors: number } {
    this.#moveTo(now, windowMs);
    let requests = 0;
    let errors = 0;
    for (let place = 0; place < STEPS; place += 1) {
      requests += this.#requests[place] ?? 0;
      errors += this.#errors[place] ?? 0;
    }
    return { requests, errors };
  }

  clear(): void {
    this.#requests.fill(0);
    this.#errors.fill(0);
  }

  /** Forgets what left the window; returns the place of the present step. */
  #moveTo(now: number, windowMs: number): number {
    const present = Math.floor((now * STEPS) / windowMs);
    // A window that changed its length counts other steps: what was counted by the old ones is forgotten.
    const from = present < this.#step ? present - STEPS : this.#step;
    for (let passed = Math.max(from + 1, present - STEPS + 1); passed <= present; passed += 1) {
      const place = ((passed % STEPS) + STEPS) % STEPS;
      this.#requests[place] = 0;
      this.#errors[place] = 0;
    }
    this.#step = present;
    return ((present % STEPS) + STEPS) % STEPS;
  }
}
