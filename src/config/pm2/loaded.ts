/** A PM2 file that was loaded, as apps in our own words whose mistakes have the places of PM2's keys. */
import type { LoadedFile } from '../file/load.ts';
import type { FilePlace, KeyPath } from '../place.ts';
import { keyText } from '../place.ts';
import type { WrittenApp } from '../written.ts';
import type { Pm2Context, ReadPm2App } from './app.ts';
import { noteText, readPm2File } from './file.ts';
import { findKey } from './keys.ts';

export interface LoadedPm2File {
  readonly apps: readonly WrittenApp[];
  /** A line for each key that Skein cannot honour. */
  readonly notes: readonly string[];
}

/** The key that somebody wrote for one of our settings. */
const keyFor = (fields: Readonly<Record<string, unknown>>, setting: string): string | undefined =>
  Object.keys(fields).find((key) => {
    const fate = findKey(key)?.fate;
    return key === setting || (fate?.kind === 'becomes' && fate.setting === setting);
  });

/** Where one of our settings stands in the file. */
export const placeOfSetting = (
  { fields, path }: ReadPm2App,
  inner: KeyPath,
  { shown, lineOf }: Pick<LoadedFile, 'shown' | 'lineOf'>,
): FilePlace => {
  const key =
    keyFor(fields, inner.join('.')) ??
    (inner[0] === undefined ? undefined : keyFor(fields, String(inner[0])));
  const whole = key === undefined ? path : [...path, key];
  return { file: shown, line: lineOf(whole), key: keyText(whole) };
};

/** @throws SkeinError E_CONFIG, E_CONFIG_VALUE */
export const readLoadedPm2File = (
  loaded: LoadedFile,
  context: Omit<Pm2Context, 'file' | 'lineOf'>,
): LoadedPm2File => {
  const { shown, value, lineOf } = loaded;
  const { apps, notes } = readPm2File(value, { ...context, file: shown, lineOf });
  return {
    apps: apps.map((app) => ({ value: app.app, place: (inner) => placeOfSetting(app, inner, loaded) })),
    notes: notes.map((note) => noteText(shown, note)),
  };
};
