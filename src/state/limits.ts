/** What a key, a topic and a time to live may be. */
import { parseDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import type { Ttl } from './engine.ts';

/** Of the whole key in UTF-8, with its namespace. */
export const MAX_KEY_BYTES = 512;

/** Of an encoded value, unless the options say otherwise. */
export const MAX_VALUE_BYTES: number = 1024 * 1024;

const TEN_YEARS_MS = 3_653 * 86_400_000;

const shown = (key: unknown): string => {
  const text = typeof key === 'string' ? JSON.stringify(key) : `(${typeof key})`;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const flawOf = (key: string, whole: string): string | undefined => {
  if (typeof key !== 'string') return 'it is not a string';
  if (key === '') return 'it is empty';
  // A lone surrogate has no UTF-8: two such keys would become the same one.
  if (/\p{Surrogate}/u.test(key)) return 'it is not well-formed Unicode';
  if (whole.length * 3 <= MAX_KEY_BYTES) return undefined;
  const bytes = Buffer.byteLength(whole);
  return bytes > MAX_KEY_BYTES ? `it has ${bytes} bytes with its namespace` : undefined;
};

/** `prefix` and `key` as one. Throws E_STATE_KEY. */
export const wholeKey = (prefix: string, key: string): string => {
  const whole = prefix + key;
  const reason = flawOf(key, whole);
  if (reason !== undefined)
    throw new SkeinError('E_STATE_KEY', { key: shown(key), reason, limit: `${MAX_KEY_BYTES}` });
  return whole;
};

/** The name of a namespace: a key without a colon, which ends it. Throws E_STATE_KEY. */
export const namespacePrefix = (prefix: string, name: string): string => {
  const whole = wholeKey(prefix, name);
  if (!name.includes(':')) return `${whole}:`;
  throw new SkeinError('E_STATE_KEY', {
    key: shown(name),
    reason: 'a namespace has no colon',
    limit: `${MAX_KEY_BYTES}`,
  });
};

/** Whole milliseconds from 1 (0 where `zero`) to ten years. Throws E_BAD_VALUE. */
export const toMs = (
  option: string,
  value: number | string,
  { zero = false }: { readonly zero?: boolean } = {},
): number => {
  const ms = parseDuration(value, TEN_YEARS_MS);
  if (ms !== undefined && (ms > 0 || zero)) return ms;
  throw new SkeinError('E_BAD_VALUE', {
    option,
    value: typeof value === 'string' ? JSON.stringify(value) : String(value),
    expected: 'a duration above zero and of at most ten years',
    example: "500, '10s', '30d'",
  });
};

/** As `toMs`; undefined becomes `otherwise`. */
export const toTtl = (value: number | string | undefined, otherwise: Ttl): Ttl => {
  if (value === undefined) return otherwise;
  return value === 'keep' ? 'keep' : toMs('ttl', value);
};

/** A safe integer. Throws E_BAD_VALUE. */
export const toInteger = (option: string, value: number, least: number = Number.MIN_SAFE_INTEGER): number => {
  // `+ 0` makes -0 the 0 that every engine knows.
  if (Number.isSafeInteger(value) && value >= least) return value + 0;
  throw new SkeinError('E_BAD_VALUE', {
    option,
    value: String(value),
    expected: least === Number.MIN_SAFE_INTEGER ? 'a safe integer' : `a safe integer from ${least}`,
    example: `${Math.max(least, 1)}`,
  });
};
