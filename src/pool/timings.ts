/** How long things took, as a few numbers. */
import { createHistogram } from 'node:perf_hooks';

/** Milliseconds. */
export interface Timings {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface TimingRecorder {
  readonly record: (ms: number) => void;
  readonly summary: () => Timings;
}

/** Exact to a thousandth of a millisecond and three digits; `max` and the quantiles are of all time. */
export const createTimings = (): TimingRecorder => {
  const histogram = createHistogram();
  const inMs = (microseconds: number): number => microseconds / 1_000;
  return {
    record: (ms) => histogram.record(Math.max(1, Math.round(ms * 1_000))),
    summary: () => {
      const { count } = histogram;
      // An empty histogram has no mean and a minimum above its maximum.
      if (count === 0) return { count, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
      return {
        count,
        mean: inMs(histogram.mean),
        p50: inMs(histogram.percentile(50)),
        p90: inMs(histogram.percentile(90)),
        p99: inMs(histogram.percentile(99)),
        max: inMs(histogram.max),
      };
    },
  };
};
