/** The arithmetic of a run. Missing measurements are null and are left out, never counted as 0. */

export type Sample = number | null;

const present = (samples: readonly Sample[]): number[] => samples.filter((sample) => sample !== null);

/** The quantile `q` (0 to 1) by linear interpolation; null without values. */
export const quantile = (samples: readonly Sample[], q: number): Sample => {
  const sorted = present(samples).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
};

export const median = (samples: readonly Sample[]): Sample => quantile(samples, 0.5);

/** null when nothing was measured at all. */
export const sum = (samples: readonly Sample[]): Sample => {
  const values = present(samples);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
};

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly rounds: number;
}

/**
 * How `ours` compares with `theirs`: one ratio per round, then the median of them. The two of a
 * round ran next to each other, so what else the machine did in that minute cancels out.
 */
export const ratio = (ours: readonly Sample[], theirs: readonly Sample[]): Ratio | null => {
  const ratios: number[] = [];
  for (const [round, our] of ours.entries()) {
    const their = theirs[round] ?? null;
    if (our !== null && their !== null && their > 0) ratios.push(our / their);
  }
  const middle = median(ratios);
  if (middle === null) return null;
  return { median: middle, lowest: Math.min(...ratios), highest: Math.max(...ratios), rounds: ratios.length };
};
