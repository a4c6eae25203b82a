/**
 * How many retries are allowed at all: a share of the calls. Without it, retries multiply the load
 * on a dependency exactly when it can bear none (Google SRE book, "Handling Overload").
 */
import { countOption, numberOption } from '../core/options.ts';

export interface RetryBudgetOptions {
  /** Retries per call in the long run. Default: 0.2, one retry for five calls. */
  readonly share?: number;
  /** Retries per second that are allowed however few calls there are. Default: 1. */
  readonly perSecond?: number;
  /** The most that can be saved up, and what there is at the beginning. Default: 20. */
  readonly max?: number;
  /** Milliseconds that only go up; for tests. */
  readonly clock?: () => number;
}

/** One budget may serve several `retry` policies that call the same dependency. */
export interface RetryBudget {
  /** Says that a call is made, not a retry. */
  readonly called: () => void;
  /** Takes one retry out; false when there is none. */
  readonly take: () => boolean;
  /** Retries that could be taken now. */
  readonly left: () => number;
}

/** Throws E_BAD_VALUE. */
export const retryBudget = (options: RetryBudgetOptions = {}): RetryBudget => {
  const { clock = () => performance.now() } = options;
  const share = numberOption('retryBudget: share', options.share ?? 0.2, 0, 10);
  const perSecond = numberOption('retryBudget: perSecond', options.perSecond ?? 1, 0, 1e6);
  const max = countOption('retryBudget: max', options.max ?? 20, 1);
  let saved = max;
  let at = clock();
  const add = (amount: number): void => {
    const now = clock();
    saved = Math.min(max, saved + amount + ((now - at) / 1_000) * perSecond);
    at = now;
  };
  return {
    called: () => add(share),
    take: () => {
      add(0);
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
    left: () => {
      add(0);
      return Math.floor(saved);
    },
  };
};
