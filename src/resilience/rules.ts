/** When a breaker opens. The counting is cockatiel's; each rule starts anew when the breaker closes. */
import { ConsecutiveBreaker, CountBreaker, CircuitState, type IBreaker, SamplingBreaker } from 'cockatiel';
import { countOption, type Duration, durationOption, numberOption, shareOption } from '../core/options.ts';

/** Counts the calls of one closed period. */
export interface FailureCount {
  readonly success: () => void;
  /** true: the breaker has to open. */
  readonly failure: () => boolean;
}

/** One of `consecutive`, `ratio` and `sampling`; anything that can count may be used instead. */
export interface BreakerRule {
  readonly start: () => FailureCount;
}

const counting = (breaker: IBreaker): FailureCount => ({
  success: () => breaker.success(CircuitState.Closed),
  failure: () => breaker.failure(CircuitState.Closed),
});

/** Opens at the `failures`-th failure in a row. For dependencies that are either there or not. */
export const consecutive = (failures: number): BreakerRule => {
  countOption('consecutive', failures, 1);
  return { start: () => counting(new ConsecutiveBreaker(failures)) };
};

export interface RatioOptions {
  /** The share of failures above which it opens, between 0 and 1. */
  readonly failures: number;
  /** How many of the last calls are looked at. */
  readonly of: number;
  /** Fewer calls than this never open it. Default: `of`. */
  readonly atLeast?: number;
}

/** Opens when more than a share of the last n calls failed, however long ago they were. */
export const ratio = ({ failures, of, atLeast = of }: RatioOptions): BreakerRule => {
  const options = {
    threshold: shareOption('ratio: failures', failures),
    size: countOption('ratio: of', of, 1),
    minimumNumberOfCalls: numberOption('ratio: atLeast', countOption('ratio: atLeast', atLeast, 1), 1, of),
  };
  return { start: () => counting(new CountBreaker(options)) };
};

export interface SamplingOptions {
  /** The share of failures above which it opens, between 0 and 1. */
  readonly failures: number;
  /** How far back it looks. */
  readonly over: Duration;
  /** Fewer calls per second than this never open it. Default: as many as give 5 failures per second. */
  readonly minimumPerSecond?: number;
}

/** Opens when more than a share of the calls of the last seconds failed. For steady traffic. */
export const sampling = ({ failures, over, minimumPerSecond }: SamplingOptions): BreakerRule => {
  const duration = durationOption('sampling: over', over, 10);
  const options = {
    threshold: shareOption('sampling: failures', failures),
    duration,
    ...(minimumPerSecond === undefined
      ? {}
      : { minimumRps: numberOption('sampling: minimumPerSecond', minimumPerSecond, 0.001, 1e6) }),
  };
  return {
    start: () => {
      let count = counting(new SamplingBreaker(options));
      let last = Date.now();
      // Cockatiel turns its ring of windows by one at a time, so after a quiet hour it would still
      // hold the failures from before it.
      const current = (): FailureCount => {
        const now = Date.now();
        if (now - last >= duration) count = counting(new SamplingBreaker(options));
        last = now;
        return count;
      };
      return { success: () => current().success(), failure: () => current().failure() };
    },
  };
};
