/** Settings of balancing that are one value: a policy, stickiness, statuses, a share, a rate. */
import type {
  ActiveHealth,
  KeySource,
  PolicySettings,
  RateLimit,
  StickySettings,
} from '../../protocol/balance.ts';
import type { Place } from '../place.ts';
import { badValue, readOneOf } from '../values.ts';
import { isToken, readKeySource, writeKeySource } from './key-source.ts';

export const policies: readonly PolicySettings['name'][] = [
  'least-connections',
  'round-robin',
  'power-of-two',
  'least-time',
  'hash',
  'random',
];

export const readPolicy = (place: Place, value: unknown): PolicySettings['name'] =>
  readOneOf(place, value, policies);

/** The name of the balancer's own cookie. */
export const STICKY_COOKIE = 'skein-sticky';

/** `true` or `cookie`, `cookie:NAME` (the app's), `header:x`, `address`; false or `none`: not. */
export const readSticky = (place: Place, value: unknown): StickySettings | null => {
  if (value === false || value === null || value === 'none' || value === 'off') return null;
  if (value === true || value === 'cookie') return { by: 'cookie', name: STICKY_COOKIE, maxAgeMs: null };
  if (value === 'address') return { by: 'address' };
  const [by, name = ''] = typeof value === 'string' ? value.split(/:(.*)/s) : [];
  if (by === 'cookie' && isToken(name)) return { by: 'app-cookie', name };
  if (by === 'header' && isToken(name)) return { by, name: name.toLowerCase() };
  throw badValue(
    place,
    value,
    'how sessions stay: cookie (of the balancer), cookie:<name> (of the app), header:<name>, address, or none',
    'cookie',
  );
};

export const writeSticky = (sticky: StickySettings | null): string => {
  if (sticky === null) return 'none';
  switch (sticky.by) {
    case 'app-cookie':
      return `cookie:${sticky.name}`;
    case 'header':
      return `header:${sticky.name}`;
    default:
      return sticky.by;
  }
};

/** 0 to 1, or `20%`. */
export const readShare = (place: Place, value: unknown): number => {
  const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(value.trim())?.[1] : undefined;
  const share = percent === undefined ? value : Number(percent) / 100;
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw badValue(place, value, 'a share of 0 to 1', '0.2, or 20%');
};

/** Above zero, such as a weight or a rate. */
export const readAmount = (place: Place, value: unknown, what: string, example: string): number => {
  const amount = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof amount === 'number' && amount > 0 && amount <= 1e9) return amount;
  throw badValue(place, value, what, example);
};

/** `[5, 1, 1]`; 0: none but backups of sessions. */
export const readWeights = (place: Place, value: unknown): number[] => {
  const isWeight = (one: unknown): one is number =>
    Number.isInteger(one) && (one as number) >= 0 && (one as number) <= 1000;
  const list: unknown = typeof value === 'string' ? value.split(',').map(Number) : value;
  if (Array.isArray(list) && (list as unknown[]).every(isWeight)) return list as number[];
  throw badValue(place, value, 'a list of whole numbers from 0 to 1000', '[5, 1, 1]');
};

type Range = readonly [number, number];

const rangeOf = (text: string): Range | undefined => {
  const family = /^([1-5])xx$/i.exec(text)?.[1];
  if (family !== undefined) return [Number(family) * 100, Number(family) * 100 + 99];
  const [, from = '', to = from] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  const range: Range = [Number(from), Number(to)];
  return from !== '' && range[0] >= 100 && range[0] <= range[1] && range[1] <= 599 ? range : undefined;
};

/** `200`, `2xx`, `200-399`, or a list of them. */
export const readStatuses = (place: Place, value: unknown): ActiveHealth['expectStatus'] => {
  const parts: readonly unknown[] = Array.isArray(value) ? value : String(value).split(',');
  return parts.map((part) => {
    const range = rangeOf(String(part).trim());
    if (range === undefined) throw badValue(place, part, 'a status code, or several', '200-399, 2xx or 204');
    return range;
  });
};

export const writeStatuses = (ranges: ActiveHealth['expectStatus']): string =>
  ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');

const PER: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `100/s`, `600/m burst 50 by header:x-user`. */
const RATE = /^(\d+(?:\.\d+)?)\s*\/\s*([smh])(?:\s+burst\s+(\d+))?(?:\s+by\s+(\S+))?$/;

/** null: no limit. */
export const readRate = (place: Place, value: unknown): RateLimit | null => {
  if (value === 'none' || value === 'off' || value === null || value === false) return null;
  const [, count = '', unit = '', burst, by] =
    (typeof value === 'string' ? RATE.exec(value.trim()) : null) ?? [];
  const perSecond = Number(count) / (PER[unit] ?? 1);
  if (!(perSecond > 0) || burst === '0')
    throw badValue(
      place,
      value,
      'a rate: requests per s, m or h, how many may come at once, and of whom',
      '"100/s", or "600/m burst 50 by header:x-user"',
    );
  const key: KeySource = by === undefined ? { from: 'address' } : readKeySource(place, by);
  return { key, perSecond, burst: burst === undefined ? Math.max(1, Math.ceil(perSecond)) : Number(burst) };
};

export const writeRate = (rate: RateLimit | null): string =>
  rate === null
    ? 'none'
    : `${Number.isInteger(rate.perSecond) ? `${rate.perSecond}/s` : `${rate.perSecond * 60}/m`} burst ${rate.burst} by ${writeKeySource(rate.key)}`;
