/** One health check by the clock: never twice at once, and none of it keeps the process alive. */
import { formatDuration } from '../../core/duration.ts';
import type { CheckResult } from '../../protocol/app-link.ts';
import { reasonOf } from './reason.ts';

/**
 * Fails by throwing, rejecting or `false`; anything else is well. `signal` is aborted when its time is
 * over, for whatever it calls.
 */
export type HealthCheck = (signal: AbortSignal) => unknown;

export interface CheckOptions {
  readonly name: string;
  readonly check: HealthCheck;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Somebody waits for it to pass: ask again soon. */
  readonly hurried: () => boolean;
  /** Not now. */
  readonly resting: () => boolean;
  readonly result: (result: CheckResult) => void;
}

const HURRIED_MS = 500;

/** Begins at once. Returns what ends it. */
export const runCheck = ({
  name,
  check,
  everyMs,
  timeoutMs,
  hurried,
  resting,
  result,
}: CheckOptions): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const tell = (began: number, reason: string | null): void => {
    if (over) return;
    const ms = Math.max(1, Math.round(performance.now() - began));
    result(reason === null ? { name, ok: true, ms } : { name, ok: false, reason, ms });
  };

  const askOnce = async (): Promise<boolean> => {
    const began = performance.now();
    const abort = new AbortController();
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      tell(began, `it did not answer within ${formatDuration(timeoutMs)}`);
      abort.abort(new Error('the time of this health check is over'));
    }, timeoutMs).unref();
    let reason: string | null;
    try {
      reason = (await check(abort.signal)) === false ? 'it returned false' : null;
    } catch (error) {
      reason = reasonOf(error);
    }
    clearTimeout(limit);
    // What comes late is no answer; until it comes, the check is not asked again.
    if (late) return false;
    tell(began, reason);
    return reason === null;
  };

  const ask = async (): Promise<void> => {
    const ok = !resting() && (await askOnce());
    if (over) return;
    const waitMs = !ok && hurried() ? Math.min(everyMs, HURRIED_MS) : everyMs;
    timer = setTimeout(() => void ask(), waitMs).unref();
  };
  void ask();

  return () => {
    over = true;
    clearTimeout(timer);
  };
};
