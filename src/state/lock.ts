/** A lock among all workers: at most one holds it, and it is freed when its holder dies. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../core/backoff.ts';
import { formatDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import type { Duration } from '../core/options.ts';
import type { State } from './contract.ts';
import { toMs } from './limits.ts';
import type { Held } from './lock-lease.ts';
import { Lease } from './lock-lease.ts';

export interface LockOptions {
  /** How long it outlives its holder; renewed thrice in that time. Default: 10 s. */
  readonly ttl?: Duration;
  /** How long `acquire` and `run` wait for it. Default: 10 s. */
  readonly wait?: Duration;
}

export interface Lock {
  /** Undefined when somebody has it. */
  tryAcquire(): Promise<Held | undefined>;
  /** Rejects with E_LOCK_HELD when it was not free in time, with the signal's reason when that aborts. */
  acquire(options?: { readonly signal?: AbortSignal }): Promise<Held>;
  /** `fn` while the lock is held. Rejects with E_LOCK_LOST when it was not held to the end. */
  run<T>(fn: (held: Held) => Promise<T> | T): Promise<T>;
}

const pause = { baseMs: 10, maxMs: 250 };

export const lock = (state: State, name: string, options: LockOptions = {}): Lock => {
  const entries = state.namespace('lock');
  const ttlMs = toMs('ttl', options.ttl ?? 10_000);
  const waitMs = toMs('wait', options.wait ?? 10_000, { zero: true });

  const tryAcquire = async (): Promise<Held | undefined> => {
    const owner = randomUUID();
    const since = performance.now();
    const version = await entries.compareAndSet(name, null, owner, { ttl: ttlMs });
    return version === undefined ? undefined : new Lease({ entries, name, owner, ttlMs, version, since });
  };

  const acquire = async ({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Held> => {
    const deadline = performance.now() + waitMs;
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      const held = await tryAcquire();
      if (held !== undefined) return held;
      const left = deadline - performance.now();
      if (left <= 0) throw new SkeinError('E_LOCK_HELD', { name, timeout: formatDuration(waitMs) });
      await delay(
        Math.min(left, backoffMs(pause, attempt, Math.random)),
        undefined,
        signal === undefined ? {} : { signal },
      ).catch(() => {});
    }
  };

  return {
    tryAcquire,
    acquire,
    async run(fn) {
      const held = await acquire();
      try {
        const result = await fn(held);
        held.check();
        return result;
      } finally {
        // What `fn` or `check` threw is the news; a lock that was lost needs no release.
        await held.release().catch(() => {});
      }
    },
  };
};
