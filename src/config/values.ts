/**
 * One setting's text to its value. Each parser names the option in its error, so that a mistake
 * on the command line is one clear line.
 */
import { parseDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import { parseSize } from '../core/size.ts';
import { parseSignal } from '../os/signals.ts';
import type { ReadyCheck } from '../protocol/app-spec.ts';

export const badValue = (option: string, value: string, expected: string, example: string): SkeinError =>
  new SkeinError('E_BAD_VALUE', { option, value: value === '' ? '(empty)' : value, expected, example });

/** `none` and `off` take a limit away. */
const isNone = (text: string): boolean => text === 'none' || text === 'off';

/** Milliseconds, above zero. */
export const readDuration = (option: string, text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw badValue(option, text, 'a duration', '30s, 500ms or 2m');
  return ms;
};

/** Milliseconds; 0 is allowed. */
export const readDurationOrZero = (option: string, text: string): number =>
  parseDuration(text) === 0 ? 0 : readDuration(option, text);

/** Milliseconds, or null for `none`. */
export const readDurationLimit = (option: string, text: string): number | null =>
  isNone(text) ? null : readDuration(option, text);

/** Bytes, or null for `none`. */
export const readSizeLimit = (option: string, text: string): number | null => {
  if (isNone(text)) return null;
  const bytes = parseSize(text);
  if (bytes === undefined) throw badValue(option, text, 'a size', '300M, 1.5G or none');
  return bytes;
};

/** A whole number from `least` on. */
export const readCount = (option: string, text: string, least: number): number => {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= least))
    throw badValue(option, text, `a whole number from ${least} on`, String(Math.max(least, 5)));
  return count;
};

/** A whole number from 0 on, or null for `none`. */
export const readCountLimit = (option: string, text: string): number | null =>
  isNone(text) ? null : readCount(option, text, 0);

/** `0,3`: exit codes of 0 to 255. */
export const readExitCodes = (option: string, text: string): number[] =>
  text.split(',').map((part) => {
    const code = /^\s*\d{1,3}\s*$/.test(part) ? Number(part) : Number.NaN;
    if (!(code <= 255)) throw badValue(option, text, 'a list of exit codes from 0 to 255', '0,3');
    return code;
  });

export const readOneOf = <Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice => {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw badValue(option, text, `one of ${choices.join(', ')}`, choices[0] ?? '');
  return choice;
};

export const readSignal = (text: string): NodeJS.Signals => {
  const signal = parseSignal(text);
  if (signal === undefined) throw new SkeinError('E_BAD_SIGNAL', { signal: text });
  return signal;
};

/** How long `auto` waits for a program to listen before it is taken for no server. */
const AUTO_AFTER_MS = 3000;

/** `listening`, `message`, `started`, `auto`, or the path of an HTTP probe. */
export const readReady = (option: string, text: string): ReadyCheck => {
  if (text.startsWith('/')) return { kind: 'http', path: text };
  const kind = readOneOf(option, text, ['listening', 'message', 'started', 'auto'] as const);
  return kind === 'auto' ? { kind, afterMs: AUTO_AFTER_MS } : { kind };
};

/** `KEY=VALUE` each. */
export const readVariables = (option: string, pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw badValue(option, pair, 'KEY=VALUE', 'PORT=3000');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
