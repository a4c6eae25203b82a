/** Whether a request that the parser let through is one; the rules of framing.ts, at no price for most. */
import type { RequestHead } from '../contract.ts';
import { requestRefusal } from '../framing.ts';
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

/** Undefined: it goes on. */
export const refusalOf = (came: CameHead, scan: RequestScan, headerCount: number): H1Refusal | undefined => {
  const { method, target, version, raw } = came;
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
