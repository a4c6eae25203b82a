/** A PM2 file: whether something is one, its apps, and what else is in it. Pure. */
import { basename } from 'node:path';
import { SkeinError } from '../../core/errors.ts';
import type { Pm2Context, Pm2Note, ReadPm2App } from './app.ts';
import { readPm2App } from './app.ts';
import type { KeyPath } from '../place.ts';
import { findKey, pm2Keys } from './keys.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names that PM2's own commands and documentation give such files. */
export const isPm2Name = (file: string): boolean =>
  /^(?:ecosystem|process|pm2|pm2[-.]\w+)(?:\.config)?\.(?:js|cjs|mjs|json5?|ya?ml)$/i.test(basename(file));

/** Keys of PM2 that Skein's own files may have as well, in one of their spellings. */
const shared = new Set(
  'script name args cwd interpreter node_args instances env env_file watch autorestart max_restarts restart_delay stop_exit_codes autostart kill_timeout namespace instance_var increment_var user cron'.split(
    ' ',
  ),
);

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const looksLikeApp = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).some((key) => findKey(key) !== undefined && !shared.has(snake(key)));

interface FoundApp {
  readonly value: unknown;
  readonly path: KeyPath;
}

const appsIn = (value: unknown): readonly FoundApp[] => {
  const listed = (list: readonly unknown[], above: KeyPath): FoundApp[] =>
    list.map((app, nth) => ({ value: app, path: [...above, nth] }));
  if (Array.isArray(value)) return listed(value as unknown[], []);
  if (!isObject(value)) return [];
  for (const key of ['apps', 'pm2']) {
    const apps = value[key];
    if (Array.isArray(apps)) return listed(apps as unknown[], [key]);
    if (isObject(apps)) return [{ value: apps, path: [key] }];
  }
  return ['script', 'exec', 'cmd', 'command'].some((key) => key in value) ? [{ value, path: [] }] : [];
};

/** Nothing in it that PM2 does not know. */
const couldBeApp = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).every((key) => findKey(key) !== undefined || key.startsWith('env_'));

/**
 * Whether a file that was loaded is PM2's: by its name, or by keys that only PM2 has. Of stdin, which
 * has no name and is a habit from PM2, it is assumed.
 */
export const isPm2File = (file: string, value: unknown): boolean =>
  isPm2Name(file) ||
  (basename(file) === '-' && appsIn(value).every((app) => couldBeApp(app.value))) ||
  (isObject(value) && 'pm2' in value) ||
  appsIn(value).some((app) => looksLikeApp(app.value));

export interface ReadPm2File {
  readonly apps: readonly ReadPm2App[];
  readonly notes: readonly Pm2Note[];
}

const topNotes: Readonly<Record<string, string>> = {
  deploy:
    'has no equivalent, Skein does not copy code to other machines: use your deployment tool, then `skein reload`',
  static: 'has no equivalent, Skein serves no files: use a web server',
  module: 'has no equivalent, Skein has no modules: take it out',
};

/**
 * @throws SkeinError E_CONFIG when there are no apps in it, E_CONFIG_VALUE
 */
export const readPm2File = (value: unknown, context: Pm2Context): ReadPm2File => {
  const found = appsIn(value);
  if (found.length === 0) {
    throw new SkeinError('E_CONFIG', {
      file: context.file,
      reason: 'there are no apps in it',
      hint: "A PM2 file has `apps: [{ script: 'app.js' }]`.",
    });
  }
  const apps = found.map((app) => readPm2App(app.value, app.path, pm2Keys, context));
  const isBare = !isObject(value) || (value['apps'] === undefined && value['pm2'] === undefined);
  const notes = isBare
    ? []
    : Object.keys(value)
        .filter((key) => key !== 'apps' && key !== 'pm2')
        .map((key) => ({ app: null, key, text: topNotes[key] ?? 'is no key of PM2 or Skein: take it out' }));
  return { apps, notes: [...notes, ...apps.flatMap(({ notes: own }) => own)] };
};

/** `ecosystem.config.js, api: min_uptime has no equivalent, …` */
export const noteText = (file: string, { app, key, text }: Pm2Note): string =>
  `${basename(file)}${app === null ? '' : `, ${app}`}: ${key} ${text}.`.replace(/\?\.$/, '?');
