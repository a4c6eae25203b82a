/** Sharding as it is written: whose requests go to which group of workers. */
import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import type { SplitSettings } from '../../protocol/balance.ts';
import type { FieldType } from '../field.ts';
import type { Place } from '../place.ts';
import { didYouMean } from '../suggest.ts';
import { badValue, readText } from '../values.ts';
import { readKeySource } from './key-source.ts';

const EXAMPLE =
  '{ key: "header:x-tenant", groups: { eu: "0-1", us: [2, 3] }, table: { acme: "eu" }, fallback: "us" }';

export const splitType: FieldType = {
  ts: "SplitConfig | 'none' | false | null",
  schema: {
    anyOf: [
      {
        type: 'object',
        properties: {
          key: { type: 'string' },
          groups: {
            type: 'object',
            additionalProperties: {
              anyOf: [
                { type: ['string', 'integer'] },
                { type: 'array', items: { type: ['string', 'integer'] } },
              ],
            },
          },
          table: { type: 'object', additionalProperties: { type: 'string' } },
          hash: { const: true },
          function: { type: 'string' },
          state: { type: 'string' },
          fallback: { type: ['string', 'null'] },
        },
        required: ['key', 'groups'],
        additionalProperties: false,
      },
      { enum: ['none', false, null] },
    ],
  },
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `0-1`, `2`, an upstream's address, or a list of these. */
const membersOf = (place: Place, value: unknown): (number | string)[] =>
  (Array.isArray(value)
    ? (value as unknown[])
    : typeof value === 'string'
      ? value.split(',')
      : [value]
  ).flatMap((one): (number | string)[] => {
    const [, from, to = from] = /^\s*(\d{1,4})(?:-(\d{1,4}))?\s*$/.exec(String(one)) ?? [];
    if (from === undefined)
      return [
        readText(
          place,
          typeof one === 'string' ? one.trim() : one,
          'slots such as 0-1, or addresses',
          '"0-1"',
        ),
      ];
    const first = Number(from);
    return Array.from({ length: Math.max(0, Number(to) - first + 1) }, (_, nth) => first + nth);
  });

const WAYS = ['table', 'hash', 'function', 'state'] as const;

const byOf = (place: Place, value: Fields, cwd: string): SplitSettings['by'] => {
  const [way, ...more] = WAYS.filter((one) => value[one] !== undefined && value[one] !== false);
  if (more.length > 0) throw badValue(place, value, `one with ${way} or ${more[0]}, not with both`, EXAMPLE);
  switch (way) {
    case 'table': {
      const { table } = value;
      if (!isObject(table) || !Object.values(table).every((group) => typeof group === 'string'))
        throw badValue(place, table, 'a table from keys to groups', '{ acme: "eu" }');
      return { kind: 'table', table: table as Readonly<Record<string, string>> };
    }
    case 'function': {
      const module = resolve(cwd, readText(place, value['function'], 'the file of a function', './shard.js'));
      if (statSync(module, { throwIfNoEntry: false })?.isFile() !== true)
        throw badValue(
          place,
          value['function'],
          `the file of a function (there is no ${module})`,
          './shard.js',
        );
      return { kind: 'function', module };
    }
    case 'state':
      return { kind: 'state', prefix: readText(place, value['state'], 'the beginning of names', 'shard:') };
    default:
      return { kind: 'hash' };
  }
};

/** @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE */
export const readSplit = (place: Place, value: unknown, cwd: string): SplitSettings | null => {
  if (value === null || value === false || value === 'none') return null;
  if (!isObject(value)) throw badValue(place, value, 'an object with a key and groups', EXAMPLE);
  const known = ['key', 'groups', 'fallback', ...WAYS];
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw badValue(place, unknown, `one of ${known.join(', ')}.${didYouMean(unknown, known)}`, EXAMPLE);
  if (!isObject(value['groups']) || Object.keys(value['groups']).length === 0)
    throw badValue(place, value['groups'], 'an object of groups', EXAMPLE);
  const groups = Object.fromEntries(
    Object.entries(value['groups']).map(([name, members]) => [name, membersOf(place, members)]),
  );
  const names = Object.keys(groups);
  const by = byOf(place, value, cwd);
  const { fallback = null } = value;
  const named = [
    ...(by.kind === 'table' ? Object.values(by.table) : []),
    ...(fallback === null ? [] : [fallback]),
  ];
  for (const name of named)
    if (typeof name !== 'string' || !names.includes(name))
      throw badValue(
        place,
        name,
        `the name of a group (${names.join(', ')}).${didYouMean(typeof name === 'string' ? name : '', names)}`,
        names[0] ?? '',
      );
  return { key: readKeySource(place, value['key']), groups, by, fallback: fallback as string | null };
};
