/**
 * Headers that are about one connection end here (RFC 9110, section 7.6.1). This comes before the
 * balancer sets its own: so `Connection: X-Forwarded-For` deletes what the client sent and never what
 * the next one relies on.
 */
import type { RawHeaders } from './raw-headers.ts';
import { hasToken, listOf } from './raw-headers.ts';

/**
 * Transfer-Encoding: the balancer frames anew. Proxy-Authorization: for the proxy in front of which it
 * stands, if for any. Alt-Svc: speaks of the upstream's address, where clients cannot go.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
  'http2-settings',
]);

/**
 * What a Connection header cannot delete. Without these a message would mean something else: framing and
 * routing, and who the client is (which a front proxy checked).
 */
const STAYS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
  'set-cookie',
  'date',
  'via',
]);

const isForwarding = (name: string): boolean =>
  name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip' || name === 'x-request-id';

/** The names a Connection header lists, lower case, that may be deleted. Most say only keep-alive or close. */
const listed = (raw: RawHeaders): ReadonlySet<string> | undefined => {
  let names: Set<string> | undefined;
  for (const option of listOf(raw, 'connection')) {
    const name = option.toLowerCase();
    if (name === 'close' || HOP_BY_HOP.has(name) || STAYS.has(name) || isForwarding(name)) continue;
    names ??= new Set();
    names.add(name);
  }
  return names;
};

/** Most names are of other lengths and need no lower case: this runs for every message. */
const LENGTHS: ReadonlySet<number> = new Set(
  [...HOP_BY_HOP, 'trailer', 'alt-svc'].map((name) => name.length),
);

/** Of requests and responses alike. */
const endToEnd = (raw: RawHeaders, trailers: boolean, also: string): string[] => {
  const named = listed(raw);
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (named !== undefined || LENGTHS.has(name.length)) {
      const lower = name.toLowerCase();
      if (HOP_BY_HOP.has(lower) || lower === also || (lower === 'trailer' && !trailers)) continue;
      if (named?.has(lower) === true) continue;
    }
    kept.push(name, raw[at + 1] ?? '');
  }
  return kept;
};

/** The client takes trailers. Only then may the upstream's be passed on. */
export const takesTrailers = (raw: RawHeaders): boolean => hasToken(raw, 'te', 'trailers');

/**
 * A request's headers for the upstream. With `trailers`, `TE: trailers` is added when the client sent it,
 * and whoever writes the request lists TE in its Connection header; without, Trailer is deleted.
 */
export const endToEndRequest = (raw: RawHeaders, trailers: boolean): string[] => {
  const kept = endToEnd(raw, trailers, '');
  if (trailers && takesTrailers(raw)) kept.push('TE', 'trailers');
  return kept;
};

/** A response's headers for the client. `trailers`: they are passed on to this client. */
export const endToEndResponse = (raw: RawHeaders, trailers: boolean): string[] =>
  endToEnd(raw, trailers, 'alt-svc');
