/**
 * One coarse timer for all pools, which runs only while one of them wants it: whether a worker is
 * silent is looked up a hundred times a second, instead of at every byte.
 */

/** Milliseconds between two looks. */
export const TICK_MS = 10;

export interface Ticker {
  /** Idempotent. `tick` is called from now on, and taken off when it answers false. */
  readonly start: (tick: (gapMs: number) => boolean) => void;
}

export const createTicker = (): Ticker => {
  const ticks = new Set<(gapMs: number) => boolean>();
  let timer: NodeJS.Timeout | undefined;
  let last = 0;

  const turn = (): void => {
    const now = performance.now();
    const gapMs = now - last;
    last = now;
    for (const tick of ticks) if (!tick(gapMs)) ticks.delete(tick);
    if (ticks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    start: (tick) => {
      ticks.add(tick);
      if (timer !== undefined) return;
      last = performance.now();
      timer = setInterval(turn, TICK_MS).unref();
    },
  };
};
