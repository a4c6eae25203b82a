/**
 * A route as one line of text:
 *
 *   [methods] [host][/path[/*]] [header:name[=value]]… -> target [strip[=/prefix]] [add=/prefix]
 *
 * The target is an app or a pool by name, addresses of other servers (with commas), `redirect:301 <URL>`,
 * or `respond:200 <text>`.
 */
import { domainToASCII } from 'node:url';
import { isIPv6 } from 'node:net';
import { SkeinError } from '../../core/errors.ts';
import type { RouteAction, RouteMatch } from '../../protocol/balance.ts';
import type { Place } from '../place.ts';
import { placeText } from '../place.ts';
import { isToken } from './key-source.ts';

export const routeError = (place: Place, route: string, reason: string, hint: string): SkeinError =>
  new SkeinError('E_ROUTE', { place: placeText(place), route: `\`${route}\``, reason, hint });

/** Text as it was written; '' for what is none. */
export const asText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Fails with a reason and what to do instead; who reads knows the place and the whole text. */
export type Fail = (reason: string, hint: string) => SkeinError;

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

const hostOf = (written: string, fail: Fail): string => {
  if (written === '' || written === '*') return '*';
  if (/:\d*$/.test(written) && !written.endsWith(']'))
    throw fail('has a port in its host', 'Leave the port out: a balancer has its ports in `listen`.');
  const inner = /^\[(.+)\]$/.exec(written)?.[1];
  if (inner !== undefined && isIPv6(inner)) return written.toLowerCase();
  const isWild = written.startsWith('*.');
  const name = domainToASCII((isWild ? written.slice(2) : written).toLowerCase()).replace(/\.$/, '');
  if (name === '' || name.length > 253 || !name.split('.').every((label) => LABEL.test(label)))
    throw fail(
      `has no host that can be: ${written}`,
      'Hosts are written api.example.com, *.example.com or *; a path begins with a slash.',
    );
  return isWild ? `*.${name}` : name;
};

/** What every reader of a path takes for itself: routes are found by it whatever the client writes. */
const PLAIN_SEGMENT = /^(?!\.{1,2}$)[\w.~!$&'()+,=:@-]+$/;

/** A prefix: `/v1`; `/` is all. */
export const prefixOf = (written: string, fail: Fail): string => {
  const path = written.replace(/\/\*?$/, '');
  if (path === '') return '/';
  if (!path.startsWith('/')) throw fail(`has a path without a slash: ${written}`, `Write /${written}.`);
  if (
    !path
      .slice(1)
      .split('/')
      .every((segment) => PLAIN_SEGMENT.test(segment))
  )
    throw fail(
      `has a path that is no plain prefix: ${written}`,
      'Paths are prefixes such as /v1 or /v1/*: letters, digits and the likes of - . _ ~, no * in the middle, no query.',
    );
  return path;
};

const methodsOf = (written: string): string[] | undefined =>
  /^[A-Z]+(?:-[A-Z]+)*(?:,[A-Z]+(?:-[A-Z]+)*)*$/.test(written) ? written.split(',') : undefined;

const headerOf = (written: string, fail: Fail): RouteMatch['headers'][number] => {
  const [, name = '', value] = /^header:([^=]*)(?:=(.*))?$/s.exec(written) ?? [];
  if (!isToken(name))
    throw fail(`has no header that can be: ${written}`, 'Write header:x-version=2, or header:x-beta.');
  return { name: name.toLowerCase(), value: value ?? null };
};

/** The left side: which requests. */
export const readMatch = (written: string, fail: Fail): RouteMatch => {
  const words = written.trim().split(/\s+/);
  const headers = words.filter((word) => word.startsWith('header:')).map((word) => headerOf(word, fail));
  const rest = words.filter((word) => !word.startsWith('header:') && word !== '');
  const methods = rest.length > 0 ? methodsOf(rest[0] ?? '') : undefined;
  const [where = '/', ...more] = methods === undefined ? rest : rest.slice(1);
  if (more.length > 0)
    throw fail(
      `has ${more[0]} too much on its left side`,
      'Write [methods] [host][/path] -> target, with methods in capitals: GET,POST api.example.com/v1 -> api.',
    );
  const slash = where.indexOf('/');
  const host = hostOf(slash === -1 ? where : where.slice(0, slash), fail);
  return {
    host,
    path: prefixOf(slash === -1 ? '/' : where.slice(slash), fail),
    methods: methods ?? [],
    headers,
  };
};

const REDIRECTS = [301, 302, 303, 307, 308] as const;

export const redirectTo = (status: number, location: string, fail: Fail): RouteAction => {
  const known = REDIRECTS.find((one) => one === status);
  if (known === undefined)
    throw fail(
      `redirects with ${status}`,
      `Use ${REDIRECTS.join(', ')}; 308 is for ever and keeps the method.`,
    );
  if (!/^(?:https?:\/\/|\/|\{path\})[^\s]*$/.test(location))
    throw fail(
      `redirects to ${location === '' ? 'nothing' : location}`,
      'Write redirect:301 https://{host}{path}{query}.',
    );
  const wrong = /\{(?!host\}|path\}|query\})[^}]*\}?/.exec(location)?.[0];
  if (wrong !== undefined)
    throw fail(`has ${wrong} in its target`, '{host}, {path} and {query} are replaced, nothing else.');
  // Headers are ASCII; what the braces stand for is put in later.
  const encoded = location.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text));
  return { kind: 'redirect', status: known, location: encoded };
};

export const respondWith = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  fail: Fail,
): RouteAction => {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw fail(`answers with the status ${status}`, 'Use a status from 200 to 599, such as respond:204.');
  const isEmpty = body === '' || status === 204 || status === 304;
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    kind: 'respond',
    status,
    headers: isEmpty || typed ? headers : { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    body: isEmpty ? '' : body,
  };
};

/** The right side of a route in text, in its parts. */
export interface Target {
  /** A name, or addresses with commas; undefined: an action of its own. */
  readonly to: string | undefined;
  readonly action: RouteAction | undefined;
  /** true: the route's own path. */
  readonly strip: string | true | undefined;
  readonly add: string | undefined;
}

const OWN = /^(redirect|respond)(?::(\d+))?(?:\s+(.*))?$/s;

export const readTarget = (written: string, fail: Fail): Target => {
  const [, own, code, rest = ''] = OWN.exec(written) ?? [];
  const isOwnAlone = own !== undefined && (own === 'redirect' ? rest !== '' : code !== undefined);
  if (isOwnAlone && own === 'respond')
    return {
      to: undefined,
      action: respondWith(Number(code), {}, rest, fail),
      strip: undefined,
      add: undefined,
    };
  const words = (isOwnAlone ? rest : written).split(/\s+/).filter((word) => word !== '');
  const [first, ...options] = words;
  if (first === undefined)
    throw fail('leads nowhere', 'Put an app, an address, redirect:… or respond:… behind the ->.');
  let strip: string | true | undefined;
  let add: string | undefined;
  for (const option of options) {
    const [, name, value] = /^(strip|add)(?:=(.*))?$/.exec(option) ?? [];
    if (name === 'strip') strip = value ?? true;
    else if (name === 'add' && value !== undefined) add = value;
    else
      throw fail(
        `has the option ${option}`,
        'There are strip, strip=/prefix and add=/prefix; several addresses are written with commas and without spaces.',
      );
  }
  const action = isOwnAlone ? redirectTo(Number(code ?? 302), first, fail) : undefined;
  return { to: isOwnAlone ? undefined : first, action, strip, add };
};
