/**
 * Values as JSON (decision 0018 says why not the structured clone). What JSON would change
 * without a word is refused with the place where it is: text that comes back is what was stored, but
 * for properties that are undefined, which are left out, and -0, which becomes 0.
 */
import { SkeinError } from '../core/errors.ts';

interface Flaw {
  /** Such as `value.items[3].at`. */
  readonly place: string;
  readonly what: string;
}

/** Deeper than any data that is meant; a walk without a limit would end in a stack overflow. */
const MAX_DEPTH = 200;

const nameOf = (value: object): string => {
  const maker: unknown = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor;
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'class';
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (node:vm, a test runner) has another Object.prototype, whose own is null.
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
};

const flawInObject = (value: object, place: string, above: readonly object[]): Flaw | undefined => {
  if (above.includes(value)) return { place, what: 'a reference to what contains it' };
  if (above.length >= MAX_DEPTH) return { place, what: `nested more than ${MAX_DEPTH} deep` };
  const inside = [...above, value];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const flaw = flawIn(value[index], `${place}[${index}]`, inside);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  if (!isPlain(value)) return { place, what: `an instance of ${nameOf(value)}` };
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
    return { place, what: 'made by toJSON()' };
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const flaw = flawIn(
      item,
      /^[A-Za-z_$][\w$]*$/.test(key) ? `${place}.${key}` : `${place}[${JSON.stringify(key)}]`,
      inside,
    );
    if (flaw !== undefined) return flaw;
  }
  return undefined;
};

/** The first thing in `value` that JSON would lose. */
const flawIn = (value: unknown, place: string, above: readonly object[]): Flaw | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : { place, what: String(value) };
    case 'object':
      return value === null ? undefined : flawInObject(value, place, above);
    case 'undefined':
      return { place, what: 'undefined' };
    case 'function':
    case 'symbol':
    case 'bigint':
      return { place, what: `a ${typeof value}` };
  }
};

/** A value that is cheap to see as sound, and of which most values consist. */
const isSimple = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/** Sound all the way, without places or a path: the fast first look. False when in doubt. */
const isSound = (value: unknown, depth: number): boolean => {
  if (isSimple(value)) return true;
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isSound(value[index], depth + 1)) return false;
    return true;
  }
  if (!isPlain(value) || 'toJSON' in value) return false;
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined && !isSound(item, depth + 1)) return false;
  }
  return true;
};

/** JSON text. Throws E_STATE_VALUE, or E_STATE_TOO_LARGE above `maxBytes` of UTF-8. */
export const encode = (key: string, value: unknown, maxBytes: number): string => {
  if (!isSound(value, 0)) {
    const flaw = flawIn(value, 'value', []);
    if (flaw !== undefined) throw new SkeinError('E_STATE_VALUE', { key, ...flaw });
  }
  const text = JSON.stringify(value);
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need not be counted.
  if (text.length * 3 > maxBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes)
      throw new SkeinError('E_STATE_TOO_LARGE', { key, size: `${bytes}`, limit: `${maxBytes}` });
  }
  return text;
};

/** The other way. Throws E_STATE_FOREIGN for text that `encode` never made. */
export const decode = (key: string, text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SkeinError('E_STATE_FOREIGN', { key }, { cause: error });
  }
};
