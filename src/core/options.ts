/** Checks of options that a program passes, where types alone cannot tell. */
import { parseDuration } from './duration.ts';
import { SkeinError } from './errors.ts';
import { formatSize, parseSize } from './size.ts';

/** Milliseconds, or a number with its unit: `'500ms'`, `'10s'`, `'1.5m'`, `'2h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));

const refuse = (option: string, value: unknown, expected: string, example: string): SkeinError =>
  new SkeinError('E_BAD_VALUE', { option, value: shown(value), expected, example });

/** Whole milliseconds, at least `min` (default 1). Throws E_BAD_VALUE. */
export const durationOption = (option: string, value: Duration, min = 1): number => {
  const ms = typeof value === 'number' || typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined || ms < min)
    throw refuse(option, value, `a duration of at least ${min} ms`, "500 or '10s'");
  return ms;
};

/** A whole number, at least `min`. Throws E_BAD_VALUE. */
export const countOption = (option: string, value: number, min: number): number => {
  if (!Number.isSafeInteger(value) || value < min)
    throw refuse(option, value, `a whole number of at least ${min}`, String(Math.max(min, 5)));
  return value;
};

/** A number within the two bounds, both allowed. Throws E_BAD_VALUE. */
export const numberOption = (option: string, value: number, min: number, max: number): number => {
  if (!(typeof value === 'number' && value >= min && value <= max))
    throw refuse(option, value, `a number from ${min} to ${max}`, String(min));
  return value;
};

/** A share of all calls: above 0, below 1. Throws E_BAD_VALUE. */
export const shareOption = (option: string, value: number): number => {
  if (!(typeof value === 'number' && value > 0 && value < 1))
    throw refuse(option, value, 'a share between 0 and 1', '0.5');
  return value;
};

/** Whole bytes of a number or a text such as `'128M'`, at least `min`. Throws E_BAD_VALUE. */
export const sizeOption = (option: string, value: number | string, min: number): number => {
  const bytes = parseSize(value);
  if (bytes === undefined || bytes < min)
    throw refuse(option, value, `a size of at least ${formatSize(min)}`, "'128M'");
  return bytes;
};
