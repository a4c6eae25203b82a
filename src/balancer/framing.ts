/**
 * What Node's parser lets through and a balancer must not: wherever two readers could see different
 * messages in the same bytes, a request can be smuggled past one of them (RFC 9112, sections 3.2, 6, 11.2).
 * After any refusal the connection is closed, for nobody knows where the next message begins.
 */
import { hostProblem } from './host.ts';
import type { RawHeaders } from './headers/raw-headers.ts';
import { hasToken } from './headers/raw-headers.ts';
import { targetProblem } from './target.ts';

export interface Refusal {
  readonly status: 400 | 405 | 417 | 501 | 505;
  readonly reason: string;
}

export interface RequestHead {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** `1.1`; Node calls a request line without version `0.9`. */
  readonly httpVersion: string;
  readonly rawHeaders: RawHeaders;
}

/** Headers that decide about framing and routing, of a request or a response. */
interface Framing {
  hosts: number;
  host: string;
  lengths: number;
  length: string;
  encodings: number;
  encoding: string;
  upgrades: number;
  expect: string;
  /** Some servers take `Content_Length` for `Content-Length`. */
  underscored: boolean;
}

const readFraming = (raw: RawHeaders): Framing => {
  const found: Framing = {
    hosts: 0,
    host: '',
    lengths: 0,
    length: '',
    encodings: 0,
    encoding: '',
    upgrades: 0,
    expect: '',
    underscored: false,
  };
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    // Most lines have a name of another length, and need no lower case.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break;
        found.hosts += 1;
        found.host = value;
        break;
      case 6:
        if (name.toLowerCase() === 'expect')
          found.expect = found.expect === '' ? value : `${found.expect},${value}`;
        break;
      case 7:
        if (name.toLowerCase() === 'upgrade') found.upgrades += 1;
        break;
      case 14: {
        const lower = name.toLowerCase();
        if (lower === 'content-length') {
          found.lengths += 1;
          found.length = value;
        } else if (lower === 'content_length') found.underscored = true;
        break;
      }
      case 17: {
        const lower = name.toLowerCase();
        if (lower === 'transfer-encoding') {
          found.encodings += 1;
          found.encoding = value;
        } else if (lower === 'transfer_encoding') found.underscored = true;
        break;
      }
      default:
    }
  }
  return found;
};

/** Up to 15 digits are exact in a number of JavaScript, and more bytes than anybody has. */
const LENGTH = /^\d{1,15}$/;
const CODINGS = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*$/;

/** Of lengths and codings, in requests and responses alike; `1.0` has no Transfer-Encoding. */
const bodyProblem = (framing: Framing, httpVersion: string): string | undefined => {
  if (framing.underscored) return 'an underscore in the name of a framing header';
  if (framing.lengths > 1) return 'Content-Length more than once';
  if (framing.lengths === 1 && !LENGTH.test(framing.length)) return 'Content-Length is not a number';
  if (framing.encodings === 0) return undefined;
  if (framing.lengths > 0) return 'Content-Length with Transfer-Encoding';
  if (httpVersion === '1.0') return 'Transfer-Encoding in HTTP/1.0';
  if (framing.encodings > 1) return 'Transfer-Encoding more than once';
  if (!CODINGS.test(framing.encoding)) return 'Transfer-Encoding is malformed';
  return undefined;
};

const refuse = (status: Refusal['status'], reason: string): Refusal => ({ status, reason });

/** Undefined: the request is what it seems to be. */
export const requestRefusal = (head: RequestHead): Refusal | undefined => {
  const { method, target, httpVersion, rawHeaders } = head;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return httpVersion === '0.9'
      ? refuse(400, 'no HTTP version')
      : refuse(505, `HTTP/${httpVersion} in text`);
  const framing = readFraming(rawHeaders);
  const body = bodyProblem(framing, httpVersion);
  if (body !== undefined) return refuse(400, body);
  if (framing.encodings === 1 && framing.encoding.toLowerCase() !== 'chunked')
    return /(?:^|[ \t,])chunked$/i.test(framing.encoding)
      ? refuse(501, 'Transfer-Encoding other than chunked')
      : refuse(400, 'Transfer-Encoding does not end in chunked');
  if (method === 'CONNECT') return refuse(405, 'CONNECT: not a forward proxy');
  if (framing.hosts > 1) return refuse(400, 'Host more than once');
  if (framing.hosts === 0 && httpVersion === '1.1') return refuse(400, 'no Host');
  const where =
    (framing.hosts === 0 ? undefined : hostProblem(framing.host)) ??
    targetProblem(method, target, framing.hosts === 0 ? undefined : framing.host);
  if (where !== undefined) return refuse(400, where);
  const hasBody = framing.encodings > 0 || (framing.lengths > 0 && !/^0+$/.test(framing.length));
  if (hasBody && method === 'TRACE') return refuse(400, 'TRACE with a body');
  // Node ends its parser at an upgrade: the body would be taken for the first bytes of the tunnel.
  if (hasBody && framing.upgrades > 0 && hasToken(rawHeaders, 'connection', 'upgrade'))
    return refuse(400, 'Upgrade with a body');
  if (framing.expect !== '' && httpVersion === '1.1' && framing.expect.toLowerCase() !== '100-continue')
    return refuse(417, 'Expect other than 100-continue');
  return undefined;
};

export interface ResponseHead {
  readonly status: number;
  readonly httpVersion: string;
  readonly rawHeaders: RawHeaders;
  /** The request as it was sent to the upstream asked for a tunnel. */
  readonly upgradeAsked: boolean;
}

/** Why an upstream's response cannot be passed on and the client gets 502; undefined: it can. */
export const responseProblem = (head: ResponseHead): string | undefined => {
  const { status, httpVersion, rawHeaders, upgradeAsked } = head;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return `HTTP/${httpVersion} in text`;
  if (!(status >= 100 && status <= 599)) return `status ${status}`;
  if (status === 101 && !upgradeAsked) return '101 to a request that asked for no tunnel';
  const framing = readFraming(rawHeaders);
  const body = bodyProblem(framing, httpVersion);
  if (body !== undefined) return body;
  if (framing.encodings === 1 && framing.encoding.toLowerCase() !== 'chunked')
    return 'Transfer-Encoding other than chunked';
  return undefined;
};

/** No body follows whatever the headers say (RFC 9112, section 6.3). */
export const isBodyless = (method: string, status: number): boolean =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304;
