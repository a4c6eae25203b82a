/** What one app of a PM2 file says, whichever of a key's names it uses. */
import { findKey } from './keys.ts';
import type { Place } from './values.ts';
import { asFlag } from './values.ts';

export type Fields = Readonly<Record<string, unknown>>;

export class Written {
  readonly #placeOf: (key: string) => string;
  readonly #fields: Fields;

  constructor(fields: Fields, placeOf: (key: string) => string) {
    this.#fields = fields;
    this.#placeOf = placeOf;
  }

  /** The value and its place, or undefined where there is none. Of several names the first one counts. */
  find(key: string): { readonly value: unknown; readonly at: Place } | undefined {
    for (const [name, value] of Object.entries(this.#fields)) {
      if (value !== undefined && value !== null && findKey(name)?.key === key)
        return { value, at: { place: this.#placeOf(name), key: name } };
    }
    return undefined;
  }

  read<Value>(key: string, read: (value: unknown, at: Place) => Value): Value | undefined {
    const found = this.find(key);
    return found === undefined ? undefined : read(found.value, found.at);
  }

  isOn(key: string): boolean {
    return this.read(key, asFlag) === true;
  }
}
