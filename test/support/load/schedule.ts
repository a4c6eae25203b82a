/** Open loop: arrivals come when they are due, however late the answers are. */
import type { Random } from './random.ts';

export interface Schedule {
  stop(): void;
}

/**
 * Calls `arrive(dueAt)` for each arrival; it returns how many requests it made of it, and the next
 * gap grows by as many so that the rate counts requests.
 */
export const runSchedule = (rate: number, random: Random, arrive: (dueAt: number) => number): Schedule => {
  let due = Date.now();
  const tick = setInterval(() => {
    const now = Date.now();
    while (due <= now) {
      const made = arrive(due);
      for (let n = 0; n < made; n += 1) due += random.exponential(1000 / rate);
    }
  }, 2);
  return { stop: () => clearInterval(tick) };
};
