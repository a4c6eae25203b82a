/** Adding to a stored number, exactly. */
import { SkeinError } from '../core/errors.ts';

const notANumber = (key: string): SkeinError =>
  new SkeinError('E_STATE_NUMBER', { key, reason: 'what is stored there is no integer' });

const tooFar = (key: string): SkeinError =>
  new SkeinError('E_STATE_NUMBER', { key, reason: 'the sum would be beyond the safe integers' });

/** What an engine answers when it cannot add. */
export const numberError = (key: string, reason: 'type' | 'range'): SkeinError =>
  reason === 'type' ? notANumber(key) : tooFar(key);

/** Stored text as a number. Throws E_STATE_NUMBER. */
export const parseInteger = (key: string, text: string): number => {
  if (!/^-?\d{1,16}$/.test(text)) throw notANumber(key);
  return Number(text);
};

/** Throws E_STATE_NUMBER for a sum that is no safe integer. */
export const addInteger = (key: string, before: number, by: number): number => {
  const sum = before + by;
  if (!Number.isSafeInteger(sum)) throw tooFar(key);
  return sum;
};
