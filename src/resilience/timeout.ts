/** A limit of time for one call. */
import { isTaskCancelledError, timeout as cockatielTimeout, TimeoutStrategy } from 'cockatiel';
import { formatDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import { type Duration, durationOption } from '../core/options.ts';
import type { Policy } from './policy.ts';
import { toContext } from './policy.ts';

export interface TimeoutOptions {
  /** What the message calls it. Default: `The call`. */
  readonly name?: string;
}

export interface TimeoutMetrics {
  readonly timedOut: number;
}

export interface Timeout extends Policy {
  readonly metrics: () => TimeoutMetrics;
}

/**
 * Rejects with E_CALL_TIMEOUT after `limit`, and aborts the signal that the call was given. The call
 * itself ends only if it heeds that signal. Throws E_BAD_VALUE.
 */
export const timeout = (limit: Duration, { name = 'The call' }: TimeoutOptions = {}): Timeout => {
  const ms = durationOption('timeout', limit);
  // `abortOnReturn` would abort what the call handed out, such as the body of a response.
  const policy = cockatielTimeout(ms, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  const counts = { timedOut: 0 };
  return {
    run: async (call, options) => {
      const context = toContext(options);
      const { signal } = context;
      signal.throwIfAborted();
      const late = new SkeinError('E_CALL_TIMEOUT', { name, timeout: formatDuration(ms) });
      const own = new AbortController();
      try {
        return await policy.execute((inner) => {
          // Cockatiel aborts without a reason; who is called has to be able to tell the two apart.
          const abort = (): void => own.abort(signal.aborted ? signal.reason : late);
          inner.signal.addEventListener('abort', abort, { once: true });
          return call({ ...context, signal: own.signal });
        }, signal);
      } catch (error) {
        if (!isTaskCancelledError(error) || !own.signal.aborted) throw error;
        if (own.signal.reason === late) counts.timedOut += 1;
        throw own.signal.reason;
      }
    },
    metrics: () => ({ ...counts }),
  };
};
