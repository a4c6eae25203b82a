/** Waits for a condition, never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

/** The first value that is neither false, null nor undefined. Rejects with `what` after `limitMs`. */
export const until = async <T>(
  what: string,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  limitMs = 10_000,
): Promise<T> => {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(20);
  }
};
