/** Whether a request that the parser let through is one; the rules of framing.ts, at no price for most. */
import type { RequestHead } from '../contract.ts';
import { requestRefusal } from '../framing.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { hasToken } from '../headers/raw-headers.ts';
import { hostProblem } from '../host.ts';
import type { RequestScan } from '../request-scan.ts';
import type { CameHead } from './sent-ahead.ts';

interface H1Refusal {
  readonly status: number;
  readonly reason: string;
}

const SLASH = 47;
let goodHost = '';

const isGoodHost = (host: string): boolean => {
  if (host === goodHost) return true;
  if (hostProblem(host) !== undefined) return false;
  goodHost = host;
  return true;
};

/** Node's parser reads RTSP and ICE as well, and calls them by the number behind their name. */
const ANOTHER = /^[\r\n]*[A-Z_-]+ +\S+ +(?:RTSP|ICE)\//m;

/** `read`: what came with the request's line in it. For the first request, and for who is not usual. */
export const versionOf = (major: number, minor: number, read: string): string =>
  ANOTHER.test(read) ? 'another' : `${String(major)}.${String(minor)}`;

/**
 * The fields say close. The parser does not look for that in HTTP/1.0 with keep-alive, and reads nothing
 * behind trailers that say it.
 */
export const closes = (raw: RawHeaders | null): boolean =>
  raw !== null && hasToken(raw, 'connection', 'close');

/** Undefined: it goes on. */
export const refusalOf = (came: CameHead, scan: RequestScan, headerCount: number): H1Refusal | undefined => {
  const { method, target, version, raw } = came;
  if (version === 'another' || method === '') return { status: 400, reason: 'another protocol than HTTP' };
  if (raw.length > 2 * headerCount) return { status: 431, reason: 'too many header fields' };
  if (
    scan.plainFraming &&
    version === '1.1' &&
    target.charCodeAt(0) === SLASH &&
    !target.includes('#') &&
    method !== 'TRACE' &&
    method !== 'CONNECT' &&
    isGoodHost(scan.host)
  )
    return undefined;
  return requestRefusal({ method, target, httpVersion: version, rawHeaders: raw });
};

/** The head as exchanges get it. Other protocols than WebSocket are not asked for any more. */
export const headOf = (came: CameHead, scan: RequestScan): RequestHead => ({
  method: came.method,
  target: came.target,
  version: came.version,
  raw: came.raw,
  bodyLength: scan.bodyLength,
  hasBody: scan.hasBody,
  upgrade:
    came.upgrade &&
    !scan.hasBody &&
    came.method === 'GET' &&
    came.version === '1.1' &&
    scan.upgrade.toLowerCase() === 'websocket',
  beganAt: came.beganAt,
  arrivedAt: came.arrivedAt,
});

/** Of a request that cannot be read. `since`: when its first byte came; 0: now. */
export const noHead = (since: number): RequestHead => {
  const arrivedAt = performance.now();
  const nothing = { method: '', target: '', version: '1.1', raw: [], bodyLength: 0 };
  const beganAt = since === 0 ? arrivedAt : since;
  return { ...nothing, hasBody: false, upgrade: false, beganAt, arrivedAt };
};
