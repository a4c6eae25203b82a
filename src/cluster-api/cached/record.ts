/** What is kept of a cached value for all workers, and what that is worth now. Pure. */
import type { ErrorData } from '../../core/errors.ts';

/** All times are milliseconds since 1970. */
export interface CachedRecord {
  /** `at`: when `fn` was called for it, so that an age is never less than the truth. */
  readonly good: { readonly value: unknown; readonly at: number } | null;
  /** The time the last call was due for, from which intervals are counted. */
  readonly turn: number;
  /** When `fn` was called last. */
  readonly called: number;
  /** What came of that, when it was nothing good. */
  readonly failure: ErrorData | null;
}

/** Whatever else somebody has written there is as good as nothing. */
export const isRecord = (value: unknown): value is CachedRecord => {
  if (typeof value !== 'object' || value === null) return false;
  const { good, turn, called, failure } = value as Partial<CachedRecord>;
  return (
    typeof turn === 'number' &&
    typeof called === 'number' &&
    (good === null || typeof good?.at === 'number') &&
    (failure === null || typeof failure?.code === 'string')
  );
};

export interface Pace {
  /** `every`: made anew by the clock. `ttl`: when somebody asks. */
  readonly kind: 'every' | 'ttl';
  readonly intervalMs: number;
  /** How much older a value may be given out; null: not said. */
  readonly staleMs: number | null;
  /** From a call that failed to the next. */
  readonly retryMs: number;
}

/** As long as there is nothing to give out, waiting for a whole interval would be no use. */
const RETRY_WITHOUT_VALUE_MS = 1_000;

/**
 * `now`: given out at once. `later`: only when no newer one can be had. `never`: it is too old, or there
 * is none.
 */
export type Use = 'now' | 'later' | 'never';

export const useOf = (record: CachedRecord | undefined, pace: Pace, now: number): Use => {
  if (record?.good == null) return 'never';
  const overMs = now - record.good.at - pace.intervalMs;
  if (overMs < (pace.staleMs ?? (pace.kind === 'every' ? Infinity : 0))) return 'now';
  return pace.staleMs === null ? 'later' : 'never';
};

/** When `fn` may be called next. A clock that was ahead cannot put it off for longer than a turn. */
export const dueAt = (record: CachedRecord | undefined, pace: Pace, now: number): number => {
  if (record === undefined) return now;
  const { intervalMs, retryMs } = pace;
  const pause =
    record.failure === null
      ? intervalMs
      : record.good === null
        ? Math.min(retryMs, RETRY_WITHOUT_VALUE_MS)
        : retryMs;
  const from = record.failure === null && pace.kind === 'ttl' ? (record.good?.at ?? 0) : record.turn;
  return Math.min(from + pause, now + pause);
};

/** The turn that a call made now is for: the due one if it is not long past, so that turns do not drift. */
export const turnOf = (record: CachedRecord | undefined, pace: Pace, now: number): number => {
  const due = dueAt(record, pace, now);
  return due <= now && now - due < pace.intervalMs ? due : now;
};

/** What is read or heard may be older than what is known, in any order. */
export const isNewer = (known: CachedRecord | undefined, heard: CachedRecord): boolean =>
  known === undefined || heard.called > known.called;
