/** Who waits for an app to come to rest: `skein run` for the only one it has. */
import type { App } from './app.ts';
import { atRest, exitCodeOf } from './rest.ts';

export class StopWaiters {
  readonly #wakes = new Map<App, Set<() => void>>();

  /** Settles when the app has come to rest, with how its last worker ended. */
  async wait(app: App): Promise<number | null> {
    while (!atRest(app)) {
      const wakes = this.#wakes.get(app) ?? new Set();
      this.#wakes.set(app, wakes);
      await new Promise<void>((resolve) => wakes.add(resolve));
    }
    return exitCodeOf(app);
  }

  /** It may have. */
  check(app: App): void {
    for (const wake of this.#wakes.get(app) ?? []) wake();
    this.#wakes.delete(app);
  }
}
