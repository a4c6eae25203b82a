/** What a config program made, as plain data: text, numbers, flags, null, lists and objects. */
import { fileURLToPath } from 'node:url';
import type { KeyPath } from '../place.ts';

/** Something in the value that no setting can be. */
export interface NotPlain {
  readonly path: KeyPath;
  /** `a function` */
  readonly what: string;
}

const kindOf = (value: object): string => {
  const name = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'no plain object';
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of another realm too: its Object.prototype is not ours.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/**
 * A copy of `value` that JSON can carry; `undefined` is left out of objects.
 * @param found Gets each part that is not plain.
 */
export const toPlain = (
  value: unknown,
  found: (part: NotPlain) => void,
  path: KeyPath = [],
  around: readonly unknown[] = [],
): unknown => {
  const not = (what: string): null => {
    found({ path, what });
    return null;
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : not(String(value));
    case 'undefined':
      return null;
    case 'function':
    case 'symbol':
    case 'bigint':
      return not(`a ${typeof value}`);
    case 'object':
      break;
    default:
      return not('something else');
  }
  if (value === null) return null;
  if (around.includes(value)) return not('an object within itself');
  if (value instanceof URL) return value.protocol === 'file:' ? fileURLToPath(value) : value.href;
  const within = [...around, value];
  if (Array.isArray(value)) return value.map((item, nth) => toPlain(item, found, [...path, nth], within));
  if (!isPlain(value)) return not(kindOf(value));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, toPlain(part, found, [...path, key], within)]),
  );
};
