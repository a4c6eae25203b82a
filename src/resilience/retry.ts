/** Tries again, with a pause and within a budget. */
import { ConstantBackoff, ExponentialBackoff, handleWhen, retry as cockatielRetry } from 'cockatiel';
import { SkeinError } from '../core/errors.ts';
import { countOption, type Duration, durationOption } from '../core/options.ts';
import { pause } from './abort.ts';
import { createEmitter, type Subscribe } from './events.ts';
import type { CallContext, Policy } from './policy.ts';
import { invoke, isRefusal, toContext } from './policy.ts';
import { type RetryBudget, retryBudget } from './retry-budget.ts';

export interface RetryOptions {
  /** Tries after the first one. Default: 2. */
  readonly retries?: number;
  /** The pause before the first retry, about; later ones grow, and all are spread. Default: `'100ms'`. */
  readonly firstPause?: Duration;
  /** Default: `'5s'`. */
  readonly maxPause?: Duration;
  /** Which errors are worth another try. Default: all but refusals of an open breaker or a full bulkhead. */
  readonly retryOn?: (error: unknown) => boolean;
  /** Default: a budget of its own, `retryBudget()`. */
  readonly budget?: RetryBudget;
  /** What messages call it. Default: `The call`. */
  readonly name?: string;
}

export interface RetryEvent {
  readonly name: string;
  /** 1 for the first retry. */
  readonly attempt: number;
  readonly pauseMs: number;
  readonly error: unknown;
}

export interface RetryMetrics {
  readonly calls: number;
  readonly retries: number;
  /** Calls that failed at the last try. */
  readonly exhausted: number;
  /** Calls that were not tried again because the budget was empty. */
  readonly overBudget: number;
}

export interface Retry extends Policy {
  readonly onRetry: Subscribe<RetryEvent>;
  readonly metrics: () => RetryMetrics;
}

/** Carries the end of the tries through cockatiel's loop, which would try again. */
class Ended extends Error {
  readonly error: unknown;
  constructor(error: unknown) {
    super();
    this.error = error;
  }
}

/**
 * Rejects with E_RETRIES when the last try failed too, with E_RETRY_BUDGET when the budget is empty,
 * both with the failure as `cause`; an error that is not worth a retry comes as it is. A signal ends
 * the pause between two tries. Only for calls that may be made twice. Throws E_BAD_VALUE.
 */
export const retry = (options: RetryOptions = {}): Retry => {
  const { retryOn = (error) => !isRefusal(error), budget = retryBudget(), name = 'The call' } = options;
  const retries = countOption('retry: retries', options.retries ?? 2, 0);
  const initialDelay = durationOption('retry: firstPause', options.firstPause ?? '100ms', 0);
  const maxDelay = durationOption('retry: maxPause', options.maxPause ?? '5s', initialDelay);
  const pauses = new ExponentialBackoff({ initialDelay, maxDelay });
  // Its own pause does not end with the signal; ours does, and stands in front of each retry.
  const policy = cockatielRetry(
    handleWhen((error) => !(error instanceof Ended)),
    { maxAttempts: retries, backoff: new ConstantBackoff(0) },
  );
  const onRetry = createEmitter<RetryEvent>();
  const counts = { calls: 0, retries: 0, exhausted: 0, overBudget: 0 };

  const ended = (error: unknown, attempt: number, { signal }: CallContext): Ended | undefined => {
    if (signal.aborted || !retryOn(error)) return new Ended(error);
    if (retries > 0 && attempt >= retries) {
      counts.exhausted += 1;
      return new Ended(
        new SkeinError('E_RETRIES', { name, attempts: String(attempt + 1) }, { cause: error }),
      );
    }
    if (retries === 0) return new Ended(error);
    if (budget.take()) return undefined;
    counts.overBudget += 1;
    return new Ended(new SkeinError('E_RETRY_BUDGET', { name }, { cause: error }));
  };

  return {
    run: async (call, runOptions) => {
      const context = toContext(runOptions);
      const { signal } = context;
      signal.throwIfAborted();
      counts.calls += 1;
      budget.called();
      let backoff: ReturnType<typeof pauses.next> | undefined;
      let last: unknown;
      const waited = async (attempt: number): Promise<void> => {
        backoff = (backoff ?? pauses).next(undefined);
        const pauseMs = Math.round(backoff.duration);
        counts.retries += 1;
        onRetry.emit({ name, attempt, pauseMs, error: last });
        await pause(pauseMs, signal).catch((error: unknown) => {
          throw new Ended(error);
        });
      };
      try {
        return await policy.execute(async ({ attempt }) => {
          if (attempt > 0) await waited(attempt);
          try {
            return await invoke(call, { ...context, attempt });
          } catch (error) {
            last = error;
            throw ended(error, attempt, context) ?? error;
          }
        });
      } catch (error) {
        throw error instanceof Ended ? error.error : error;
      }
    },
    onRetry: onRetry.subscribe,
    metrics: () => ({ ...counts }),
  };
};
