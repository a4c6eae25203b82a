/**
 * One look at a request's fields says whether anything about it needs care. Most requests need none: then
 * their lines are passed on as they came, and the rules of headers/ and framing.ts cost nothing.
 */
import type { RawHeaders } from './headers/raw-headers.ts';

export interface RequestScan {
  /** The first Host; '' when there is none. */
  host: string;
  /**
   * One Host, at most one Content-Length or one `Transfer-Encoding: chunked`, and nothing else that
   * decides about framing.
   */
  plainFraming: boolean;
  /** No field has to be taken away, but Connection, Keep-Alive and what `framed` says; none is joined. */
  plainFields: boolean;
  /** -1: chunked. */
  bodyLength: number;
  hasBody: boolean;
  /** As it came, '' when there is none; of several lines the last. */
  upgrade: string;
  expects: boolean;
}

/** Fields by the length of their name, for those that need care. */
const CAREFUL: ReadonlySet<string> = new Set([
  ...['te', 'via', 'expect', 'upgrade', 'trailer', 'forwarded', 'x-real-ip', 'x_real_ip'],
  ...['content_length', 'http2-settings', 'proxy-connection', 'transfer_encoding', 'proxy-authenticate'],
  ...['proxy-authorization', 'proxy-authentication-info', 'max-forwards'],
]);
const LENGTHS: readonly boolean[] = Array.from({ length: 32 }, (_, length) =>
  [...CAREFUL].some((name) => name.length === length),
);

const FORWARDED = /^x[-_]forwarded[-_]|^x[-_]real[-_]ip$/i;
const DIGITS = /^\d{1,15}$/;

const isCareful = (name: string): boolean => {
  const first = name.charCodeAt(0) | 32;
  // x: X-Forwarded-* and X-Real-IP in all spellings.
  if (first === 120 && name.length >= 9 && FORWARDED.test(name)) return true;
  return LENGTHS[name.length] === true && CAREFUL.has(name.toLowerCase());
};

/** Of a Connection field that names nothing. */
const isPlainConnection = (value: string): boolean => {
  if (value === 'keep-alive' || value === 'close') return true;
  const lower = value.toLowerCase();
  return lower === 'keep-alive' || lower === 'close' || lower === '';
};

/** Fills `into`. `requestId`: lower case, '' for none; it needs care as well. */
const scanRequest = (raw: RawHeaders, requestId: string, into: RequestScan): void => {
  let hosts = 0;
  let lengths = 0;
  let encodings = 0;
  let plainFraming = true;
  let plainFields = true;
  into.host = '';
  into.bodyLength = 0;
  into.upgrade = '';
  into.expects = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const { length } = name;
    switch (length) {
      case 4:
        if (name === 'Host' || name === 'host' || name.toLowerCase() === 'host') {
          hosts += 1;
          if (hosts === 1) into.host = raw[at + 1] ?? '';
        }
        break;
      case 10:
        if (name.toLowerCase() === 'connection' && !isPlainConnection(raw[at + 1] ?? '')) plainFields = false;
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') {
          const value = raw[at + 1] ?? '';
          lengths += 1;
          if (DIGITS.test(value)) into.bodyLength = Number(value);
          else plainFraming = false;
        }
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') {
          encodings += 1;
          if (raw[at + 1] !== 'chunked') plainFraming = false;
        }
        break;
      default:
    }
    if (length === requestId.length && name.toLowerCase().replaceAll('_', '-') === requestId)
      plainFields = false;
    if (isCareful(name)) {
      plainFields = false;
      const lower = name.toLowerCase();
      if (lower === 'upgrade') into.upgrade = raw[at + 1] ?? '';
      else if (lower === 'expect') {
        into.expects = true;
        plainFraming = false;
      } else if (lower === 'content_length' || lower === 'transfer_encoding') plainFraming = false;
    }
  }
  into.hasBody = encodings > 0 || into.bodyLength > 0;
  if (encodings > 0) into.bodyLength = -1;
  into.plainFraming = plainFraming && hosts === 1 && lengths + encodings <= 1 && into.upgrade === '';
  into.plainFields = plainFields;
};

const scanned: RequestScan = {
  host: '',
  plainFraming: false,
  plainFields: false,
  bodyLength: 0,
  hasBody: false,
  upgrade: '',
  expects: false,
};
let scannedRaw: RawHeaders | null = null;
let scannedId = '';

/** The scan of these fields, good until the next call with others. */
export const scanOf = (raw: RawHeaders, requestId: string): RequestScan => {
  if (raw !== scannedRaw || requestId !== scannedId) {
    scanRequest(raw, requestId, scanned);
    scannedRaw = raw;
    scannedId = requestId;
  }
  return scanned;
};
