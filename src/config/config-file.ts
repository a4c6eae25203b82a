/** A whole `skein.config.*`: which apps are in it, and all of them resolved. */
import { dirname } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import type { LoadedFile } from './file/load.ts';
import { loadFile } from './file/load.ts';
import type { ReadContext } from './field.ts';
import type { FilePlace, KeyPath } from './place.ts';
import { isPm2File } from './pm2/file.ts';
import { readLoadedPm2File } from './pm2/loaded.ts';
import { namesFile } from './script.ts';
import { keyText, positionText } from './place.ts';
import type { Resolved, ResolveOptions } from './resolve.ts';
import { resolveApps } from './resolve.ts';
import { didYouMean } from './suggest.ts';
import type { WrittenApp } from './written.ts';

export interface ConfigFile extends Resolved {
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
  /** A line for each key of a PM2 file that cannot be honoured. */
  readonly notes: readonly string[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The place of a path in a loaded file. */
export const placeIn = ({ shown, lineOf }: LoadedFile, path: KeyPath): FilePlace => ({
  file: shown,
  line: lineOf(path),
  key: keyText(path),
});

const appAt = (loaded: LoadedFile, value: unknown, path: KeyPath): WrittenApp => ({
  value,
  place: (inner) => placeIn(loaded, [...path, ...inner]),
});

/** Keys beside `apps` that mean something to others: editors find the schema by it. */
const beside = new Set(['apps', '$schema']);

/**
 * The apps of a file in our own words: `{ apps: [...] }`, a list of apps, or one app.
 * @throws SkeinError E_CONFIG, E_CONFIG_KEY
 */
export const writtenApps = (loaded: LoadedFile): WrittenApp[] => {
  const { value } = loaded;
  const nonsense = (what: string): SkeinError =>
    new SkeinError('E_CONFIG', {
      file: loaded.shown,
      reason: what,
      hint: "Export { apps: [{ name: 'api', script: './server.js' }] }; docs/config.md shows more.",
    });
  if (Array.isArray(value)) return value.map((app: unknown, nth) => appAt(loaded, app, [nth]));
  if (!isObject(value)) {
    const what = typeof value === 'object' || value === undefined ? 'nothing' : `a ${typeof value}`;
    throw nonsense(`it exports ${what} where apps are wanted.`);
  }
  const keys = Object.keys(value);
  if (!('apps' in value)) {
    if ('script' in value || 'balancer' in value) {
      const { $schema: _, ...app } = value;
      return [appAt(loaded, app, [])];
    }
    const near = keys.map((key) => didYouMean(key, ['apps', 'script'])).find((text) => text !== '');
    throw nonsense(
      `it has neither apps nor a script${keys.length === 0 ? '' : `, only ${keys.slice(0, 5).join(', ')}`}.${near ?? ''}`,
    );
  }
  const unknown = keys.find((key) => !beside.has(key));
  if (unknown !== undefined) {
    throw new SkeinError('E_CONFIG_KEY', {
      place: positionText(placeIn(loaded, [unknown])),
      key: unknown,
      suggestion: didYouMean(unknown, [...beside]),
    });
  }
  const { apps } = value;
  if (!Array.isArray(apps)) throw nonsense('its apps are no list.');
  return apps.map((app: unknown, nth) => appAt(loaded, app, ['apps', nth]));
};

export type ConfigOptions = Pick<ResolveOptions, 'profile' | 'settings' | 'args'>;

/**
 * Reads a config file whole.
 * @param name A path from `context.cwd`.
 * @throws SkeinError what `loadFile` and `resolveApps` throw
 */
export const readConfig = async (
  name: string,
  options: ConfigOptions,
  context: ReadContext,
): Promise<ConfigFile> => {
  const loaded = await loadFile(name, { cwd: context.cwd, env: context.env, profile: options.profile });
  const { path, shown, value } = loaded;
  const dir = dirname(path);
  const { apps, notes } = isPm2File(path, value)
    ? readLoadedPm2File(loaded, { profile: options.profile, isFile: (file) => namesFile(file, dir) })
    : { apps: writtenApps(loaded), notes: [] };
  const resolved = await resolveApps(
    apps,
    { ...options, source: name === '-' ? null : path, shown, dir },
    context,
  );
  return { path, shown, notes, ...resolved };
};
