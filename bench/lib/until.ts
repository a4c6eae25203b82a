/** Asks until there is an answer: for other programs' states, which send us no event. */
import { setTimeout as delay } from 'node:timers/promises';

/** Throws `what` when `probe` has given undefined for `timeoutMs`. */
export const until = async <T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await delay(20);
  }
};
