/** One value of a PM2 file to a value of Skein's own settings. Each names file, app and key in its error. */
import { parseDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';
import { parseSize } from '../../core/size.ts';
import { splitWords } from '../words.ts';

/** Where a value stands: `ecosystem.config.js, app api`, and its key as it was written. */
export interface Place {
  readonly place: string;
  readonly key: string;
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** @throws SkeinError E_CONFIG_VALUE, always */
export const refuse = (value: unknown, at: Place, expected: string, example: string): never => {
  throw new SkeinError('E_CONFIG_VALUE', {
    place: at.place,
    key: at.key,
    value: shown(value),
    expected,
    example: `${at.key}: ${example}`,
  });
};

export const asText = (value: unknown, at: Place): string =>
  typeof value === 'string' && value !== '' ? value : refuse(value, at, 'a text', "'text'");

/** PM2 files have switches also as words, when they come from templates. */
export const asFlag = (value: unknown, at: Place): boolean => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return refuse(value, at, 'true or false', 'true');
};

/** Whether a switch is on, for keys where only that counts. */
export const isOn = (value: unknown): boolean =>
  value !== false && value !== 'false' && value !== 0 && value !== null && value !== undefined;

/** `['a', 'b c']` or `"a 'b c'"`. */
export const asWords = (value: unknown, at: Place): string[] => {
  if (typeof value === 'string') return splitWords(value);
  if (typeof value === 'number') return [String(value)];
  if (!Array.isArray(value)) return refuse(value, at, 'a list of words, or one text', "['--port', '3000']");
  return value.map((word: unknown) =>
    typeof word === 'string' || typeof word === 'number'
      ? String(word)
      : refuse(word, at, 'a word', "'--port'"),
  );
};

/** One path or pattern, or a list of them. */
export const asPaths = (value: unknown, at: Place): string[] =>
  (Array.isArray(value) ? value : [value]).map((path: unknown) => asText(path, at));

/** Milliseconds; PM2's numbers are that, and so are Skein's. */
export const asDuration = (value: unknown, at: Place): number => {
  const ms = typeof value === 'number' || typeof value === 'string' ? parseDuration(value) : undefined;
  return ms ?? refuse(value, at, 'a time in milliseconds', '3000');
};

export const asSize = (value: unknown, at: Place): number | string => {
  if ((typeof value === 'number' || typeof value === 'string') && parseSize(value) !== undefined)
    return value;
  return refuse(value, at, 'a size', "'300M'");
};

/** A whole number from 0 on. */
export const asCount = (value: unknown, at: Place): number => {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return Number.isInteger(count) && (count as number) >= 0
    ? (count as number)
    : refuse(value, at, 'a whole number from 0 on', '16');
};

export const asExitCodes = (value: unknown, at: Place): number[] =>
  (Array.isArray(value) ? value : String(value).split(',')).map((code: unknown) => asCount(code, at));

/** PM2's `0` and `'max'` are one for each CPU, `-1` one fewer. */
export const asInstances = (value: unknown, at: Place): number | string => {
  if (value === 'max' || value === 0 || value === '0') return 'max';
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (!Number.isInteger(count)) return refuse(value, at, "a number of workers, 'max', 0 or -1", "'max'");
  return (count as number) < 0 ? String(count) : (count as number);
};

/** Variables as a process gets them: texts. What is null or undefined is none. */
export const asVariables = (value: unknown, at: Place): Record<string, string> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(value, at, 'an object of variables', '{ PORT: 3000 }');
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, own]: [string, unknown]) => own !== null && own !== undefined)
      .map(([name, own]: [string, unknown]) => [
        name,
        typeof own === 'object' ? JSON.stringify(own) : String(own as string | number | boolean),
      ]),
  );
};
