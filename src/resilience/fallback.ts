/** An answer for when there is none. */
import type { CallContext, Policy } from './policy.ts';
import { gaveUp, invoke, toContext } from './policy.ts';

export interface FallbackOptions {
  /** Which errors it answers for. Default: all. */
  readonly on?: (error: unknown) => boolean;
}

export interface FallbackMetrics {
  /** Calls that were answered by the fallback. */
  readonly used: number;
}

export interface Fallback<Alt> extends Policy<Alt> {
  readonly metrics: () => FallbackMetrics;
}

/**
 * Answers with what `alternative` returns when the call fails; what that throws is thrown. A caller
 * that gave up gets the reason of its signal, not an alternative.
 */
export const fallback = <Alt>(
  alternative: (error: unknown, context: CallContext) => Alt | PromiseLike<Alt>,
  { on = () => true }: FallbackOptions = {},
): Fallback<Alt> => {
  const counts = { used: 0 };
  return {
    run: async (call, options) => {
      const context = toContext(options);
      context.signal.throwIfAborted();
      try {
        return await invoke(call, context);
      } catch (error) {
        if (gaveUp(context) || !on(error)) throw error;
        counts.used += 1;
        return alternative(error, context);
      }
    },
    metrics: () => ({ ...counts }),
  };
};
