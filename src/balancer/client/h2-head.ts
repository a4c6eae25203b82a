/**
 * From the fields of an HTTP/2 request to the head that everything behind goes by (RFC 9113, section 8.3).
 * Node's http2 refuses uppercase names, unknown and misplaced pseudo fields, and Connection; what it lets
 * through and HTTP/1 could read otherwise is refused here.
 */
import type { RawHeaders } from '../headers/raw-headers.ts';
import { hostProblem } from '../host.ts';
import { targetProblem } from '../target.ts';

export interface H2Request {
  readonly method: string;
  readonly target: string;
  /** With `host` first, without pseudo fields, cookies joined. */
  readonly raw: RawHeaders;
  /** Bytes of the body, -1: unknown. */
  readonly contentLength: number;
}

export interface H2Refusal {
  readonly status: 400 | 405 | 417;
  readonly reason: string;
}

const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

const TOKEN = /^[!#$%&'*+.^`|~\w-]+$/;
/** RFC 9113, section 8.2.1: what ends a field or a line in HTTP/1. */
const BAD_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;
const BAD_TARGET = /[\0-\x20\x7f]/;
const LENGTH = /^\d{1,15}$/;

const refuse = (reason: string, status: H2Refusal['status'] = 400): H2Refusal => ({ status, reason });

/** `fields`: name, value, name, value …, pseudo fields among them. */
export const h2Request = (fields: RawHeaders): H2Request | H2Refusal => {
  const pseudo = new Map<string, string>();
  const kept: string[] = [];
  const cookies: string[] = [];
  let host: string | undefined;
  let length: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    const value = fields[at + 1] ?? '';
    if (name.startsWith(':')) {
      if (pseudo.has(name)) return refuse(`${name} more than once`);
      pseudo.set(name, value);
      continue;
    }
    if (!TOKEN.test(name)) return refuse('a malformed field name');
    if (BAD_VALUE.test(value)) return refuse('a malformed field value');
    if (CONNECTION_SPECIFIC.has(name)) return refuse(`${name} in HTTP/2`);
    switch (name) {
      case 'te':
        if (value.toLowerCase() !== 'trailers') return refuse('TE other than trailers');
        break;
      case 'host':
        if (host !== undefined) return refuse('Host more than once');
        host = value;
        continue;
      case 'content-length':
        if (length !== undefined) return refuse('Content-Length more than once');
        if (!LENGTH.test(value)) return refuse('Content-Length is not a number');
        length = value;
        break;
      case 'content_length':
      case 'transfer_encoding':
        return refuse('an underscore in the name of a framing header');
      case 'cookie':
        // Split for compression; HTTP/1 has one line (section 8.2.3).
        cookies.push(value);
        continue;
      case 'expect':
        if (value.toLowerCase() !== '100-continue') return refuse('Expect other than 100-continue', 417);
        break;
      default:
    }
    kept.push(name, value);
  }

  const method = pseudo.get(':method') ?? '';
  if (method === 'CONNECT') return refuse('CONNECT: not a forward proxy', 405);
  if (!TOKEN.test(method)) return refuse('no method');
  const scheme = pseudo.get(':scheme') ?? '';
  if (scheme !== 'https' && scheme !== 'http') return refuse('an unknown scheme');
  const authority = pseudo.get(':authority');
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    return refuse('Host is not the authority');
  const named = authority ?? host;
  if (named === undefined) return refuse('no authority');
  const badHost = hostProblem(named);
  if (badHost !== undefined) return refuse(badHost);
  const target = pseudo.get(':path') ?? '';
  if (BAD_TARGET.test(target)) return refuse('a malformed path');
  // Only a path, or `*`: the other forms are for other pseudo fields.
  if (!target.startsWith('/') && target !== '*') return refuse('the target is no path');
  const badTarget = targetProblem(method, target, named);
  if (badTarget !== undefined) return refuse(badTarget);
  if (cookies.length > 0) kept.push('cookie', cookies.join('; '));
  return {
    method,
    target,
    raw: ['host', named, ...kept],
    contentLength: length === undefined ? -1 : Number(length),
  };
};
