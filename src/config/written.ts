/** One app of a config file, setting by setting. */
import { SkeinError } from '../core/errors.ts';
import { layOver } from './draft.ts';
import type { Draft, ReadContext, Table, Variables } from './field.ts';
import { fields } from './fields.ts';
import { readEnv } from './fields/surroundings.ts';
import { camelOf, snakeOf } from './keys.ts';
import type { FilePlace, KeyPath, Place } from './place.ts';
import { keyText, placeText, positionText } from './place.ts';
import { didYouMean } from './suggest.ts';
import { badValue } from './values.ts';

/** An app as a file has it: keys as in docs/config.md, in either spelling. */
export interface WrittenApp {
  readonly value: unknown;
  /** Where one of its settings was written; `[]` is the app itself. */
  place(path: KeyPath): FilePlace;
}

export interface ReadApp {
  readonly draft: Draft;
  /** `env_<profile>` by profile. */
  readonly profiles: ReadonlyMap<string, Variables>;
  /** Where each setting was written, by its dotted name: `logs.rotate.size`. */
  readonly origins: ReadonlyMap<string, FilePlace>;
  readonly problems: readonly SkeinError[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An error that knows nothing of files, with the place in front. */
export const placed = (error: unknown, place: Place): SkeinError => {
  if (!(error instanceof SkeinError)) throw error;
  const { code, message, fix } = error;
  // It knows its place already, perhaps a better one.
  const file = typeof place === 'string' ? place : place.file;
  if (message.startsWith(`${file}:`) || message.startsWith(`${file} cannot be used`)) return error;
  return SkeinError.fromData({ code, message: `${placeText(place)}: ${message}`, fix });
};

const unknownKey = (key: string, place: FilePlace, table: Table, more: readonly string[]): SkeinError => {
  const known = Object.keys(table).map(key.includes('_') ? snakeOf : (name) => name);
  return new SkeinError('E_CONFIG_KEY', {
    place: positionText(place),
    key: place.key,
    suggestion: didYouMean(key, [...known, ...more]),
  });
};

const profileOf = (key: string): string | undefined => /^env_(.+)$/.exec(key)?.[1];

/** Reads everything, and says everything that is wrong. */
export const readApp = (written: WrittenApp, context: ReadContext): ReadApp => {
  const problems: SkeinError[] = [];
  const profiles = new Map<string, Variables>();
  const origins = new Map<string, FilePlace>();
  let draft: Draft = {};

  const attempt = (place: FilePlace, read: () => void): void => {
    try {
      read();
    } catch (error) {
      problems.push(placed(error, place));
    }
  };

  const readTable = (table: Table, value: Readonly<Record<string, unknown>>, path: KeyPath): void => {
    const seen = new Map<string, string>();
    for (const [key, own] of Object.entries(value)) {
      const place = written.place([...path, key]);
      const name = camelOf(key);
      const profile = path.length === 0 ? profileOf(key) : undefined;
      const field = Object.hasOwn(table, name) ? table[name] : undefined;
      const before = seen.get(name);
      seen.set(name, key);
      if (field === undefined && profile !== undefined) {
        attempt(place, () => profiles.set(profile, readEnv(place, own)));
      } else if (field === undefined) {
        problems.push(unknownKey(key, place, table, path.length === 0 ? ['env_'] : []));
      } else if (before !== undefined) {
        problems.push(
          new SkeinError('E_CONFIG', {
            file: positionText(place),
            reason: `${place.key} stands there twice, as ${before} and as ${key}.`,
            hint: 'Take one of them out.',
          }),
        );
      } else {
        origins.set(keyText([...path.map((part) => camelOf(String(part))), name]), place);
        if (field.fields !== undefined && isObject(own)) {
          draft = layOver(draft, field.on ?? {});
          readTable(field.fields, own, [...path, key]);
        } else {
          const within = (inner: KeyPath): FilePlace => written.place([...path, key, ...inner]);
          attempt(place, () => (draft = layOver(draft, field.read(own, place, { ...context, within }))));
        }
      }
    }
    if (table === fields && seen.has('script') && seen.has('balancer'))
      problems.push(
        badValue(
          written.place(['balancer']),
          'there',
          'together with script: an app is one or the other',
          'balancer alone',
        ),
      );
    for (const [name, field] of Object.entries(table)) {
      if (field.defaultText?.startsWith('required') !== true || seen.has(name)) continue;
      if (table === fields && seen.has('balancer')) continue;
      const place = written.place(path);
      problems.push(
        new SkeinError('E_CONFIG', {
          file: positionText(place),
          reason: `${place.key === '' ? 'the app' : place.key} has no ${name}.`,
          hint: `Write one, for example ${name}: ${JSON.stringify(field.examples[0])}.`,
        }),
      );
    }
  };

  if (isObject(written.value)) readTable(fields, written.value, []);
  else {
    const place = written.place([]);
    problems.push(
      new SkeinError('E_CONFIG', {
        file: positionText(place),
        reason: `${place.key === '' ? 'what it exports' : place.key} is no object that describes an app.`,
        hint: "An app is at least { script: './server.js' }.",
      }),
    );
  }
  return { draft, profiles, origins, problems };
};
