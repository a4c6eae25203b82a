/** An answer's fields as HTTP/2 has them, from the lines that HTTP/1 has. */
import type { OutgoingHttpHeaders } from 'node:http';

/** Written by HTTP/1 upstreams, and forbidden here (RFC 9113, section 8.2.2). */
const NOT_HERE: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

/** Which node:http2 takes once only, and throws for more; the first counts. */
const SINGLE: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'server',
  'strict-transport-security',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

const add = (headers: OutgoingHttpHeaders, name: string, value: string): void => {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (SINGLE.has(name)) return;
  else if (Array.isArray(before)) before.push(value);
  else headers[name] = [String(before), value];
};

/** `lines`: `Name: value\r\n` for each. */
export const h2Fields = (lines: string): OutgoingHttpHeaders => {
  // Without a prototype: a field may have the name of a method of objects.
  const headers = Object.create(null) as OutgoingHttpHeaders;
  let at = 0;
  while (at < lines.length) {
    const end = lines.indexOf('\r\n', at);
    const to = end === -1 ? lines.length : end;
    const colon = lines.indexOf(':', at);
    if (colon > at && colon < to) {
      const name = lines.slice(at, colon).toLowerCase();
      if (!NOT_HERE.has(name)) add(headers, name, lines.slice(colon + 1, to).trim());
    }
    at = to + 2;
  }
  return headers;
};

/** Trailers: name, value, name, value …. */
export const h2Trailers = (raw: readonly string[]): OutgoingHttpHeaders => {
  const headers = Object.create(null) as OutgoingHttpHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    if (!NOT_HERE.has(name)) add(headers, name, raw[at + 1] ?? '');
  }
  return headers;
};
