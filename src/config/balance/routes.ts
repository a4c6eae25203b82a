/** Routes, addresses of upstreams and listening addresses, in each way they can be written. */
import type { ListenSettings, RouteAction } from '../../protocol/balance.ts';
import type { KeyPath, Place } from '../place.ts';
import { didYouMean } from '../suggest.ts';
import { badValue, readFlag, readText } from '../values.ts';
import { isUrl, readListenAddress, readUpstream, writeUpstream } from './address.ts';
import type { BalancerDraft, WrittenRoute, WrittenUpstream } from './balancer-draft.ts';
import { readTls } from './certificates.ts';
import type { Fail } from './route-text.ts';
import {
  asText,
  prefixOf,
  readMatch,
  readTarget,
  redirectTo,
  respondWith,
  routeError,
} from './route-text.ts';
import { isToken } from './key-source.ts';
import { readAmount, readRate } from './values.ts';

type Fields = Readonly<Record<string, unknown>>;
/** The place of something inside of a value. */
export type Within = (inner: KeyPath) => Place;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [value];

const refuseOthers = (place: Place, value: Fields, known: readonly string[], example: string): void => {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw badValue(place, unknown, `one of ${known.join(', ')}.${didYouMean(unknown, known)}`, example);
};

/** `http://10.0.0.7:3000`, several with commas, or `{ url, weight, backup }`. */
export const readUpstreams = (value: unknown, within: Within): WrittenUpstream[] => {
  const upstreams = listOf(value).flatMap((one, nth): WrittenUpstream[] => {
    const place = within(Array.isArray(value) ? [nth] : []);
    if (typeof one === 'string')
      return one
        .split(',')
        .map((url) => ({ address: readUpstream(place, url), backup: false, weight: undefined }));
    if (!isObject(one)) throw badValue(place, one, 'the address of another server', 'http://10.0.0.7:3000');
    refuseOthers(place, one, ['url', 'weight', 'backup'], '{ url: "http://10.0.0.7:3000", weight: 2 }');
    const { url, weight, backup = false } = one;
    const whole = weight === undefined ? undefined : readAmount(place, weight, 'a weight above 0', '2');
    return [{ address: readUpstream(place, url), backup: readFlag(place, backup), weight: whole }];
  });
  const texts = upstreams.map(({ address }) => writeUpstream(address));
  const twice = texts.findIndex((text, nth) => texts.indexOf(text) !== nth);
  if (twice !== -1)
    throw badValue(
      within([]),
      texts[twice],
      'there once (a greater share of the requests is a weight)',
      texts[0] ?? '',
    );
  if (upstreams.every(({ backup }) => backup))
    throw badValue(
      within([]),
      'only of backups',
      'a list with one that is none',
      '{ url: "http://10.0.0.7:3000" }',
    );
  return upstreams;
};

const ROUTE_KEYS = ['match', 'to', 'redirect', 'respond', 'status', 'headers', 'strip', 'add', 'rate'];
const ROUTE_EXAMPLE = "'api.example.com/v1/* -> api', or { match: '/v1', to: 'api', strip: true }";

const headersOf = (value: unknown, fail: Fail): Record<string, string> => {
  if (value === undefined) return {};
  const entries = isObject(value) ? Object.entries(value) : [['', null]];
  for (const [name, text] of entries)
    // A line break would begin another header, or the body.
    if (!isToken(String(name)) || typeof text !== 'string' || !/^[\t\x20-\x7e]*$/.test(text))
      throw fail(
        `has a header that cannot be sent: ${String(name)}`,
        'Headers are { "Cache-Control": "no-store" }.',
      );
  return Object.fromEntries(entries) as Record<string, string>;
};

const ownAction = (value: Fields, fail: Fail): RouteAction | undefined => {
  const { redirect, respond, status, headers } = value;
  if (redirect !== undefined) return redirectTo(Number(status ?? 302), asText(redirect), fail);
  if (respond === undefined) return undefined;
  if (typeof respond === 'number') return respondWith(respond, headersOf(headers, fail), '', fail);
  return respondWith(Number(status ?? 200), headersOf(headers, fail), asText(respond), fail);
};

interface Parts {
  readonly match: string;
  readonly to: unknown;
  readonly action: RouteAction | undefined;
  readonly strip: unknown;
  readonly add: unknown;
  readonly rate: unknown;
}

const partsOfText = (text: string, fail: Fail): Parts => {
  const [left = '', ...right] = text.split('->');
  if (right.length === 0)
    throw fail('has no ->', "Write which requests, ->, and where they go: 'api.example.com/v1/* -> api'.");
  return { match: left, rate: null, ...readTarget(right.join('->').trim(), fail) };
};

const partsOfObject = (place: Place, value: Fields, text: string, fail: Fail): Parts => {
  refuseOthers(place, value, ROUTE_KEYS, ROUTE_EXAMPLE);
  const { match = '/', to, strip, add, rate = null } = value;
  const ways = ['to', 'redirect', 'respond'].filter((key) => value[key] !== undefined);
  if (ways.length !== 1)
    throw fail(
      ways.length === 0 ? 'leads nowhere' : `has both ${ways.join(' and ')}`,
      'Give it one of to, redirect and respond.',
    );
  return {
    match: readText(place, match, 'what the route is for', text),
    to,
    action: ownAction(value, fail),
    strip,
    add,
    rate,
  };
};

const shownTo = (to: unknown): string =>
  listOf(to)
    .map((one) => (isObject(one) ? asText(one['url']) : asText(one)))
    .join(',');

/** How logs and metrics name a route that was written as an object. */
const textOf = (value: Fields): string => {
  const { match = '/', to, redirect, status, respond } = value;
  const right =
    redirect !== undefined
      ? `redirect:${asText(status ?? 302)} ${asText(redirect)}`
      : respond !== undefined
        ? `respond:${asText(typeof respond === 'number' ? respond : (status ?? 200))}`
        : shownTo(to);
  return `${asText(match)} -> ${right}`;
};

const prefixAdded = (value: unknown, fail: Fail): string => {
  if (value === undefined || value === '' || value === null) return '';
  const prefix = prefixOf(asText(value), fail);
  return prefix === '/' ? '' : prefix;
};

const prefixStripped = (value: unknown, path: string, fail: Fail): string => {
  if (value === undefined || value === false || value === null) return '';
  const prefix = value === true ? path : prefixOf(asText(value), fail);
  if (prefix !== '/' && path !== prefix && !path.startsWith(`${prefix}/`))
    throw fail(
      `strips ${prefix}, with which its path does not begin`,
      `Its path is ${path}; strip alone takes all of it off.`,
    );
  return prefix === '/' ? '' : prefix;
};

const nameOrUpstreams = (to: unknown, within: Within, fail: Fail): WrittenRoute['to'] => {
  if (typeof to === 'string' && !to.split(',').some(isUrl)) {
    if (!/^[\w][\w.@+-]{0,63}$/.test(to))
      throw fail(
        `leads to ${to === '' ? 'nothing' : to}, which is no name and no address`,
        'Name an app, or write addresses with http:// and commas: http://10.0.0.7:3000,http://10.0.0.8:3000.',
      );
    return { kind: 'name', name: to };
  }
  return { kind: 'upstreams', upstreams: readUpstreams(to, within) };
};

const readRoute = (value: unknown, within: Within): WrittenRoute => {
  const place = within([]);
  if (typeof value !== 'string' && !isObject(value)) throw badValue(place, value, 'a route', ROUTE_EXAMPLE);
  const text = (typeof value === 'string' ? value : textOf(value)).trim().replace(/\s+/g, ' ');
  const fail: Fail = (reason, hint) => routeError(place, text, reason, hint);
  const parts =
    typeof value === 'string' ? partsOfText(value, fail) : partsOfObject(place, value, text, fail);
  const match = readMatch(parts.match, fail);
  return {
    text,
    match,
    to:
      parts.action ??
      nameOrUpstreams(parts.to, (inner) => within(isObject(value) ? ['to', ...inner] : []), fail),
    stripPrefix: prefixStripped(parts.strip, match.path, fail),
    addPrefix: prefixAdded(parts.add, fail),
    rateLimit: readRate(place, parts.rate),
  };
};

export const readRoutes = (value: unknown, within: Within): WrittenRoute[] =>
  listOf(value).map((one, nth) =>
    readRoute(one, (inner) => within(Array.isArray(value) ? [nth, ...inner] : inner)),
  );

/** `127.0.0.1:8080`, a list, or `{ address, tls, proxyProtocol }`. */
export const readListen = (
  value: unknown,
  within: Within,
  cwd: string,
): NonNullable<BalancerDraft['listen']> => {
  const listeners = listOf(value).map((one, nth) => {
    const place = within(Array.isArray(value) ? [nth] : []);
    if (!isObject(one)) return { address: readListenAddress(place, one) };
    refuseOthers(
      place,
      one,
      ['address', 'tls', 'proxyProtocol'],
      '{ address: "[::]:443", tls: { cert, key } }',
    );
    const { address, tls, proxyProtocol } = one;
    const more: Partial<ListenSettings> = {
      ...(tls !== undefined && { tls: readTls(place, tls, cwd) }),
      ...(proxyProtocol !== undefined && { proxyProtocol: readFlag(place, proxyProtocol) }),
    };
    return { address: readListenAddress(place, address), ...more };
  });
  const addresses = listeners.map(({ address }) => address);
  const twice = addresses.findIndex((address, nth) => addresses.indexOf(address) !== nth);
  if (twice !== -1) throw badValue(within([]), addresses[twice], 'there once', '127.0.0.1:8080');
  if (listeners.length === 0) throw badValue(within([]), value, 'at least one address', '127.0.0.1:8080');
  return listeners;
};
