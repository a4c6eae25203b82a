/**
 * Getting over the death of a supervisor. The control socket belongs to the holder, so connecting
 * again simply waits for the next supervisor: a try needs no polling, only a bound.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SkeinError } from '../../core/errors.ts';

/** A supervisor that is killed has a successor within a second, also on a busy machine. */
const GIVE_UP_AFTER_MS = 10_000;
/** Between two tries that failed at once, so that a supervisor that dies of a request is not hammered. */
const PAUSE_MS = 250;

export const isGone = (error: unknown): boolean =>
  error instanceof SkeinError && error.code === 'E_SUPERVISOR_GONE';

/** Repeats `attempt` while the supervisor goes away under it. Only for what may be asked twice. */
export const retryWhileGone = async <Value>(
  attempt: () => Promise<Value>,
  giveUpAfterMs: number = GIVE_UP_AFTER_MS,
): Promise<Value> => {
  const deadline = performance.now() + giveUpAfterMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isGone(error) || performance.now() + PAUSE_MS >= deadline) throw error;
      await pause(PAUSE_MS);
    }
  }
};

/** After a stream that ended: a moment, if it was hardly there. `openedAt`: of `performance.now()`. */
export const pauseBetween = async (openedAt: number): Promise<void> => {
  if (performance.now() - openedAt < PAUSE_MS) await pause(PAUSE_MS);
};

/** The values of one stream after the other, each opened when the one before it has ended. */
export async function* reopening<Value>(
  open: () => Promise<AsyncIterable<Value>>,
): AsyncGenerator<Value, void, void> {
  for (;;) {
    const stream = await retryWhileGone(open);
    const openedAt = performance.now();
    yield* stream;
    await pauseBetween(openedAt);
  }
}
