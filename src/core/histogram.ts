/**
 * Counts of durations in fixed ranges: cheap to count, and histograms of several processes add up.
 * A percentile is estimated by a straight line through its range, so it is wrong by less than the
 * range is wide.
 */

/** Milliseconds, upper bounds (inclusive); one more range without a bound comes after the last. */
export const LATENCY_BOUNDS: readonly number[] = [
  0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000,
  10_000, 30_000,
];

export const emptyCounts = (bounds: readonly number[] = LATENCY_BOUNDS): number[] =>
  Array.from({ length: bounds.length + 1 }, () => 0);

/** Which count a value belongs to. */
export const rangeOf = (value: number, bounds: readonly number[] = LATENCY_BOUNDS): number => {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Adds `from` to `into`. Of another number of ranges nothing is known: it is left out. */
export const addCounts = (into: number[], from: readonly number[]): void => {
  if (from.length !== into.length) return;
  for (let at = 0; at < into.length; at += 1) into[at] = into[at]! + from[at]!;
};

/**
 * The value below which that share (0 to 1) of what was counted lies; null: nothing was counted. Of the
 * last range only its lower bound is known.
 */
export const percentileOf = (
  counts: readonly number[],
  share: number,
  bounds: readonly number[] = LATENCY_BOUNDS,
): number | null => {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  const wanted = share * total;
  let below = 0;
  for (let at = 0; at < bounds.length; at += 1) {
    const count = counts[at] ?? 0;
    if (count > 0 && below + count >= wanted) {
      const from = at === 0 ? 0 : bounds[at - 1]!;
      return from + (bounds[at]! - from) * Math.max(0, (wanted - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
};
