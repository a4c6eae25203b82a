/**
 * Change by reading, computing and writing back if nobody else wrote meanwhile. Whoever lost once
 * waits for the others of this process first, so that only one of them at a time competes with
 * other processes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { formatDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';

export interface UpdateSteps<A> {
  /** Reads and computes. */
  prepare(): Promise<A>;
  /** False when somebody else was first. */
  commit(attempt: A): Promise<boolean>;
}

/** Calls of the same key wait for each other, those of different keys do not. */
export class Queues {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = (async () => {
      await before?.catch(() => {});
      return job();
    })();
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

const pause = { baseMs: 1, maxMs: 50 };

const attempt = async <A>(steps: UpdateSteps<A>): Promise<A | undefined> => {
  const prepared = await steps.prepare();
  return (await steps.commit(prepared)) ? prepared : undefined;
};

/** Rejects with E_STATE_CONFLICT after `timeoutMs`, and with whatever the steps reject with. */
export const updateByCompare = async <T, A extends { readonly value: T }>(
  key: string,
  steps: UpdateSteps<A>,
  queues: Queues,
  timeoutMs: number,
): Promise<T> => {
  const first = await attempt(steps);
  if (first !== undefined) return first.value;
  const deadline = performance.now() + timeoutMs;
  return queues.run(key, async () => {
    for (let tries = 1; ; tries += 1) {
      const done = await attempt(steps);
      if (done !== undefined) return done.value;
      if (performance.now() >= deadline)
        throw new SkeinError('E_STATE_CONFLICT', {
          key,
          timeout: formatDuration(timeoutMs),
          tries: `${tries + 1}`,
        });
      await delay(backoffMs(pause, tries, Math.random));
    }
  });
};
