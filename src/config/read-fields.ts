/** An object read by a table of settings, where it stands inside of another value. */
import { SkeinError } from '../core/errors.ts';
import { layOver } from './draft.ts';
import type { Draft, ReadContext, Table } from './field.ts';
import { camelOf } from './keys.ts';
import type { KeyPath, Place } from './place.ts';
import { positionText } from './place.ts';
import { didYouMean } from './suggest.ts';
import { badValue } from './values.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownKey = (key: string, place: Place, known: readonly string[]): SkeinError =>
  typeof place === 'string'
    ? badValue(place, key, `one of ${known.join(', ')}`, known[0] ?? '')
    : new SkeinError('E_CONFIG_KEY', {
        place: positionText(place),
        key: place.key,
        suggestion: didYouMean(key, known),
      });

/**
 * @param placeOf Of something inside of the object.
 * @throws SkeinError the first thing that is wrong
 */
export const readFieldsOf = (
  table: Table,
  value: Readonly<Record<string, unknown>>,
  placeOf: (path: KeyPath) => Place,
  context: ReadContext,
): Draft => {
  let draft: Draft = {};
  for (const [key, own] of Object.entries(value)) {
    const name = camelOf(key);
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field === undefined) throw unknownKey(key, placeOf([key]), Object.keys(table));
    const read =
      field.fields !== undefined && isObject(own)
        ? layOver(
            field.on ?? {},
            readFieldsOf(field.fields, own, (path) => placeOf([key, ...path]), context),
          )
        : field.read(own, placeOf([key]), { ...context, within: (path) => placeOf([key, ...path]) });
    draft = layOver(draft, read);
  }
  return draft;
};
