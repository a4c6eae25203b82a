/** Apps as the text of a skein.config.ts that a person would have written. Pure. */
import { isAbsolute, relative } from 'node:path';
import type { WrittenApp } from './written.ts';

export interface PrintedApp {
  readonly app: WrittenApp;
  /** Names of variables that look secret and are left out. */
  readonly secrets: readonly string[];
  /** A line for each thing that PM2 did and Skein does not. */
  readonly notes: readonly string[];
}

const WIDTH = 110;

/** In pieces, or it would look like an import of this file. */
export const DEFINE: string = ['import {', 'defineConfig', '} from', "'skein/config';"].join(' ');

const quoted = (text: string): string =>
  `'${text.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}'`;

const keyText = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));

/** A value as TypeScript, on one line where it fits. */
const valueText = (value: unknown, indent: string): string => {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((own: unknown) => valueText(own, inner))
    : Object.entries(value).map(
        ([key, own]: [string, unknown]) => `${keyText(key)}: ${valueText(own, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const line = `${open}${parts.join(', ')}${close}`;
  if (!line.includes('\n') && indent.length + line.length < WIDTH - 10) return line;
  return `${open.trim()}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close.trim()}`;
};

/** `100MiB`, where that is the number. */
const sizeText = (size: number | string): number | string =>
  typeof size === 'number' && size % 1024 ** 2 === 0 ? `${size / 1024 ** 2}MiB` : size;

/** The keys in the order in which one reads them. */
const first = ['name', 'namespace', 'script', 'args', 'cwd', 'interpreter', 'nodeArgs', 'instances'];

/** From the directory of the config, where that is not further away. */
const near = (path: string, dir: string): string => {
  if (!isAbsolute(path)) return path;
  const short = relative(dir, path);
  return short.startsWith('..') || short === '' ? path : `./${short}`;
};

const settled = (app: WrittenApp, dir: string): Record<string, unknown> => {
  const { script, cwd, logs: written, maxMemory, ...rest } = app;
  const { perWorker, ...named } = written ?? {};
  const logs = { ...named, ...(perWorker === true && { perWorker }) };
  const files = Object.entries(logs).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' && key !== 'timestamp' && key !== 'format' ? near(value, dir) : value,
  ]);
  const settings: Record<string, unknown> = {
    ...rest,
    ...(script !== undefined && { script: near(script, dir) }),
    // The directory of the file is the default.
    ...(cwd !== undefined && cwd !== dir && { cwd: near(cwd, dir) }),
    ...(maxMemory !== undefined && { maxMemory: sizeText(maxMemory) }),
    ...(files.length > 0 && { logs: Object.fromEntries(files) as unknown }),
  };
  return Object.fromEntries(
    Object.entries(settings).toSorted(([a], [b]) => {
      const [at, bt] = [first.indexOf(a), first.indexOf(b)];
      return (at === -1 ? first.length : at) - (bt === -1 ? first.length : bt);
    }),
  );
};

const appText = ({ app, secrets, notes }: PrintedApp, dir: string): string => {
  const lines = Object.entries(settled(app, dir)).map(
    ([key, value]) => `      ${keyText(key)}: ${valueText(value, '      ')},`,
  );
  const comments = [
    ...notes.map((note) => `      // ${note}`),
    ...(secrets.length === 0
      ? []
      : [
          `      // Left out, because their values look secret: ${secrets.join(', ')}.`,
          "      // Put them into a file that only you can read, and name it: envFile: './.env',",
        ]),
  ];
  return ['    {', ...lines, ...comments, '    },'].join('\n');
};

/**
 * @param dir Where the file will be: paths are told from there.
 * @param from What it was made from, for its first line.
 */
export const configSource = (apps: readonly PrintedApp[], dir: string, from: string): string =>
  [
    `// Made by \`skein import pm2\` from ${from}.`,
    DEFINE,
    '',
    'export default defineConfig({',
    '  apps: [',
    ...apps.map((app) => appText(app, dir)),
    '  ],',
    '});',
    '',
  ].join('\n');
