/**
 * Headers that are about one connection end here (RFC 9110, section 7.6.1). This comes before the
 * balancer sets its own: so `Connection: X-Forwarded-For` deletes what the client sent and never what
 * the next one relies on.
 */
import type { RawHeaders } from './raw-headers.ts';
import { hasToken, listOf, withoutNames } from './raw-headers.ts';

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

/** The names a Connection header lists, lower case, that may be deleted. */
const listed = (raw: RawHeaders): readonly string[] =>
  listOf(raw, 'connection')
    .map((name) => name.toLowerCase())
    .filter((name) => !STAYS.has(name) && !isForwarding(name));

/** Names of requests and responses alike. */
const endToEnd = (raw: RawHeaders, also: (name: string) => boolean): string[] => {
  const named = listed(raw);
  return withoutNames(raw, (name) => HOP_BY_HOP.has(name) || also(name) || named.includes(name));
};

/** The client takes trailers. Only then may the upstream's be passed on. */
export const takesTrailers = (raw: RawHeaders): boolean => hasToken(raw, 'te', 'trailers');

/**
 * A request's headers for the upstream. With `trailers`, `TE: trailers` is added when the client sent it,
 * and whoever writes the request lists TE in its Connection header; without, Trailer is deleted.
 */
export const endToEndRequest = (raw: RawHeaders, trailers: boolean): string[] => {
  const kept = endToEnd(raw, (name) => name === 'trailer' && !trailers);
  if (trailers && takesTrailers(raw)) kept.push('TE', 'trailers');
  return kept;
};

/** A response's headers for the client. `trailers`: they are passed on to this client. */
export const endToEndResponse = (raw: RawHeaders, trailers: boolean): string[] =>
  endToEnd(raw, (name) => name === 'alt-svc' || (name === 'trailer' && !trailers));
