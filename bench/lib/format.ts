/** Numbers as the tables show them; a dash where nothing was measured. */
import { ratio, type Sample } from './statistics.ts';
import type { Goal } from '../scenarios/scenario.ts';

const nothing = '–';

const show = (sample: Sample, text: (value: number) => string): string =>
  sample === null ? nothing : text(sample);

export const rate = (sample: Sample): string =>
  show(sample, (value) => Math.round(value).toLocaleString('en'));
export const count: (sample: Sample) => string = rate;
export const milliseconds = (sample: Sample): string => show(sample, (value) => `${Math.round(value)} ms`);
export const microseconds = (sample: Sample): string =>
  show(sample, (value) => `${Math.round(value * 1000)} µs`);
/** Of what takes so few that their tenths count. */
export const fineMicroseconds = (sample: Sample): string =>
  show(sample, (value) => `${(value * 1000).toFixed(1)} µs`);
export const fineMilliseconds = (sample: Sample): string => show(sample, (value) => `${value.toFixed(2)} ms`);
export const seconds = (sample: Sample): string => show(sample, (value) => `${(value / 1000).toFixed(2)} s`);
export const mebibytes = (sample: Sample): string =>
  show(sample, (value) => `${(value / 2 ** 20).toFixed(1)} MiB`);

export const times = (sample: Sample): string => show(sample, (value) => `${value.toFixed(2)} ×`);

/** The median of the ratios with the lowest and the highest round. */
export const ratioCell = (ours: readonly Sample[], theirs: readonly Sample[]): string => {
  const found = ratio(ours, theirs);
  if (found === null) return nothing;
  const { median, lowest, highest, rounds } = found;
  return rounds === 1 ? times(median) : `${times(median)} (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
};

/** A goal on a number: `atLeast` or `atMost`. */
export const goal = (
  text: string,
  measured: Sample,
  limit: { readonly atLeast: number } | { readonly atMost: number },
  format: (sample: Sample) => string,
): Goal => {
  if (measured === null) return { text, measured: nothing, met: null };
  const met = 'atLeast' in limit ? measured >= limit.atLeast : measured <= limit.atMost;
  return { text, measured: format(measured), met };
};

/** A goal on the median of the ratios. */
export const ratioGoal = (
  text: string,
  ours: readonly Sample[],
  theirs: readonly Sample[],
  limit: { readonly atLeast: number } | { readonly atMost: number },
): Goal => goal(text, ratio(ours, theirs)?.median ?? null, limit, times);
