/**
 * One setting as its user wrote it to its value: text of a flag, or whatever a config file holds.
 * Each reader names the place in its error, so that a mistake is one clear line.
 */
import { parseDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import { parseSize } from '../core/size.ts';
import { parseSignal } from '../os/signals.ts';
import type { ReadyCheck } from '../protocol/app-spec.ts';
import type { Place } from './place.ts';
import { positionText } from './place.ts';

/** A value in an error. What an object or a list holds may be secret, and is long. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

export const badValue = (place: Place, value: unknown, expected: string, example: string): SkeinError =>
  typeof place === 'string'
    ? new SkeinError('E_BAD_VALUE', { option: place, value: shown(value), expected, example })
    : new SkeinError('E_CONFIG_VALUE', {
        place: positionText(place),
        key: place.key,
        value: shown(value),
        expected,
        example,
      });

/** `none` and `off` take a limit away; a file may say null or false too. */
const isNone = (value: unknown): boolean =>
  value === 'none' || value === 'off' || value === null || value === false;

const isWritten = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/** Milliseconds, above zero. */
export const readDuration = (place: Place, value: unknown): number => {
  const ms = isWritten(value) ? parseDuration(value) : undefined;
  if (ms === undefined || ms === 0) throw badValue(place, value, 'a duration', '30s, 500ms or 2m');
  return ms;
};

/** Milliseconds; 0 is allowed. */
export const readDurationOrZero = (place: Place, value: unknown): number =>
  isWritten(value) && parseDuration(value) === 0 ? 0 : readDuration(place, value);

/** Milliseconds, or null for `none`. */
export const readDurationLimit = (place: Place, value: unknown): number | null =>
  isNone(value) ? null : readDuration(place, value);

/** Bytes, or null for `none`. */
export const readSizeLimit = (place: Place, value: unknown): number | null => {
  if (isNone(value)) return null;
  const bytes = isWritten(value) ? parseSize(value) : undefined;
  if (bytes === undefined) throw badValue(place, value, 'a size', '300M, 1.5G or none');
  return bytes;
};

/** A whole number from `least` on. */
export const readCount = (place: Place, value: unknown, least: number): number => {
  const count = isWritten(value) && /^\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN;
  if (!(count >= least))
    throw badValue(place, value, `a whole number from ${least} on`, String(Math.max(least, 5)));
  return count;
};

/** A whole number from 0 on, or null for `none`. */
export const readCountLimit = (place: Place, value: unknown): number | null =>
  isNone(value) ? null : readCount(place, value, 0);

/** `0,3`, or a list of them: exit codes of 0 to 255. */
export const readExitCodes = (place: Place, value: unknown): number[] => {
  const parts: readonly unknown[] = typeof value === 'string' ? value.split(',') : [value].flat();
  return parts.map((part) => {
    const code = isWritten(part) && /^\s*\d{1,3}\s*$/.test(String(part)) ? Number(part) : Number.NaN;
    if (!(code <= 255)) throw badValue(place, part, 'a list of exit codes from 0 to 255', '0,3');
    return code;
  });
};

export const readOneOf = <Choice extends string>(
  place: Place,
  value: unknown,
  choices: readonly Choice[],
): Choice => {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw badValue(place, value, `one of ${choices.join(', ')}`, choices[0] ?? '');
  return choice;
};

/** A flag of the command line is true or false already. */
export const readFlag = (place: Place, value: unknown): boolean => {
  if (typeof value !== 'boolean') throw badValue(place, value, 'true or false', 'true');
  return value;
};

/** Text that may go to another process: a NUL would end it there. */
export const readText = (place: Place, value: unknown, what: string, example: string): string => {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    throw badValue(place, value, what, example);
  return value;
};

/** One piece of text, or a list of them. */
export const readTexts = (place: Place, value: unknown, what: string, example: string): string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => readText(place, item, what, example));

/** The name of a signal, as it is understood in an error of the catalogue of its own. */
export const readSignal = (value: unknown): NodeJS.Signals => {
  const signal = typeof value === 'string' ? parseSignal(value) : undefined;
  if (signal === undefined) throw new SkeinError('E_BAD_SIGNAL', { signal: shown(value) });
  return signal;
};

/** How long `auto` waits for a program to listen before it is taken for no server. */
const AUTO_AFTER_MS = 3000;

/** `listening`, `message`, `started`, `auto`, or the path of an HTTP probe. */
export const readReady = (place: Place, value: unknown): ReadyCheck => {
  if (typeof value === 'string' && value.startsWith('/')) return { kind: 'http', path: value };
  const kind = readOneOf(place, value, ['listening', 'message', 'started', 'auto'] as const);
  return kind === 'auto' ? { kind, afterMs: AUTO_AFTER_MS } : { kind };
};

/** The name of an environment variable. */
export const readVariableName = (place: Place, value: unknown): string => {
  if (typeof value !== 'string' || !/^[A-Za-z_]\w*$/.test(value))
    throw badValue(place, value, 'the name of an environment variable', 'PORT');
  return value;
};

/** `KEY=VALUE` each. */
export const readVariables = (place: Place, pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw badValue(place, pair, 'KEY=VALUE', 'PORT=3000');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
