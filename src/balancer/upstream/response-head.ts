/**
 * The head of an upstream's response, from latin1 text. Strict as Node's own parser and in framing
 * stricter (RFC 9112, sections 4 to 6): what two readers could read differently is no response.
 */
import type { ResponseHead } from '../contract.ts';

export interface UpstreamHead extends ResponseHead {
  readonly reason: string;
  /** How the body ends: after `bodyLength` bytes, with the last chunk, or with the connection. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** The connection may be used again. */
  readonly keepAlive: boolean;
  /** Milliseconds for which the upstream says that it keeps an idle connection; 0: it does not say. */
  readonly keepAliveMs: number;
  /** The Upgrade field of a 101. */
  readonly upgrade: string;
}

/** What the request was, as far as it decides how the response is read. */
export interface Asked {
  readonly isHead: boolean;
  /** For a tunnel. */
  readonly upgrade: boolean;
  /** The client takes trailers, so Trailer stays. */
  readonly trailers: boolean;
}

/** `bytes` of a head are never more: a larger one is refused. */
export const RESPONSE_HEAD_BYTES: number = 64 * 1024;
/** Fields of a head; clients take no more of them either. */
const MOST_FIELDS = 1000;

const REASON = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;
/** Field names are tokens; values have no control characters; no line is folded. */
const FIELDS = /^(?:[\w!#$%&'*+.^`|~-]+:[\t\u0020-\u007E\u0080-\u00FF]*\r\n)*$/;
const DIGITS = /^\d{3}$/;
const LENGTH = /^[ \t]*\d{1,15}[ \t]*$/;
const CHUNKED = /^[ \t]*chunked[ \t]*$/i;

const SPACE = 32;

/** Whether the token at `at` is `name`, which is in lower case and as long, with `-` and letters only. */
const isNamed = (text: string, at: number, name: string): boolean => {
  for (let index = 0; index < name.length; index += 1)
    if ((text.charCodeAt(at + index) | 32) !== name.charCodeAt(index)) return false;
  return true;
};

/** Fields that are dropped and decide nothing. */
const DROPPED: ReadonlySet<string> = new Set([
  ...['te', 'alt-svc', 'http2-settings', 'proxy-connection', 'proxy-authenticate'],
  ...['proxy-authorization', 'proxy-authentication-info'],
]);
const DROPPED_LENGTHS: readonly boolean[] = Array.from({ length: 32 }, (_, length) =>
  [...DROPPED].some((name) => name.length === length),
);

type Special =
  | 'connection'
  | 'content-length'
  | 'date'
  | 'dropped'
  | 'keep-alive'
  | 'plain'
  | 'trailer'
  | 'transfer-encoding'
  | 'underscored'
  | 'upgrade';

/** Most lines have a name of a length that none of these has, or begin otherwise. */
const kindOf = (text: string, at: number, length: number): Special => {
  switch (length) {
    case 4:
      return isNamed(text, at, 'date') ? 'date' : 'plain';
    case 7:
      if (isNamed(text, at, 'trailer')) return 'trailer';
      if (isNamed(text, at, 'upgrade')) return 'upgrade';
      break;
    case 10:
      if (isNamed(text, at, 'connection')) return 'connection';
      return isNamed(text, at, 'keep-alive') ? 'keep-alive' : 'plain';
    case 14:
      if (isNamed(text, at, 'content-length')) return 'content-length';
      if (/^content_length$/i.test(text.slice(at, at + length))) return 'underscored';
      break;
    case 17:
      if (isNamed(text, at, 'transfer-encoding')) return 'transfer-encoding';
      return /^transfer_encoding$/i.test(text.slice(at, at + length)) ? 'underscored' : 'plain';
    default:
  }
  return DROPPED_LENGTHS[length] === true && DROPPED.has(text.slice(at, at + length).toLowerCase())
    ? 'dropped'
    : 'plain';
};

/** Upstreams say the same with each response. */
let lastKeepAlive = '';
let lastKeepAliveMs = 0;
const keepAliveOf = (value: string): number => {
  if (value !== lastKeepAlive) {
    lastKeepAlive = value;
    lastKeepAliveMs = Number(/timeout=(\d{1,6})/i.exec(value)?.[1] ?? 0) * 1000;
  }
  return lastKeepAliveMs;
};

let lastReason = '';

/** What a Connection field of an upstream cannot delete. */
const STAYS: ReadonlySet<string> = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'set-cookie', 'date', 'via', 'close'],
  ...['keep-alive', 'upgrade'],
]);

/** The date for responses that have none (RFC 9110, section 6.6.1), made once a second. */
let dateAt = -Infinity;
let dateLine = '';
export const dateField = (): string => {
  const now = Date.now();
  if (now - dateAt >= 1000 || now < dateAt) {
    dateAt = now - (now % 1000);
    dateLine = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return dateLine;
};

/** Lines without those that Connection named. */
const withoutNamed = (lines: string, connection: string): string => {
  const named = connection
    .split(',')
    .map((option) => option.trim().toLowerCase())
    .filter((option) => option !== '' && !STAYS.has(option));
  if (named.length === 0) return lines;
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && !named.includes(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('');
};

const hasOption = (connection: string, option: string): boolean =>
  connection.split(',').some((one) => one.trim().toLowerCase() === option);

/**
 * `text` has a status line at `from` and the empty line that ends the head at `end` (its first byte is
 * the one after the last field's CR LF, less two). Returns why it is refused as a text.
 */
export const readResponseHead = (
  text: string,
  from: number,
  end: number,
  asked: Asked,
): UpstreamHead | string => {
  let lineEnd = text.indexOf('\r\n', from);
  const minor = text.charCodeAt(from + 7) - 48;
  const status = Number(text.slice(from + 9, from + 12));
  if (!text.startsWith('HTTP/1.', from) || (minor !== 0 && minor !== 1)) return 'its version is no HTTP/1';
  if (text.charCodeAt(from + 8) !== SPACE || !DIGITS.test(text.slice(from + 9, from + 12)))
    return 'its status line is malformed';
  if (status < 100 || status > 599) return `status ${String(status)}`;
  let reason = '';
  if (lineEnd !== from + 12) {
    reason = text.slice(from + 13, lineEnd);
    if (text.charCodeAt(from + 12) !== SPACE || (reason !== lastReason && !REASON.test(reason)))
      return 'its status line is malformed';
    lastReason = reason;
  }
  const stop = end + 2;
  if (!FIELDS.test(text.slice(lineEnd + 2, stop))) return 'its header fields are malformed';

  let lines = '';
  let kept = lineEnd + 2;
  let connection = '';
  let length = -1;
  let lengths = 0;
  let encodings = 0;
  let encoding = '';
  let keepAliveMs = 0;
  let upgrade = '';
  let hasDate = false;
  let fields = 0;
  for (let at = kept; at < stop; at = lineEnd + 2) {
    lineEnd = text.indexOf('\r\n', at);
    fields += 1;
    const colon = text.indexOf(':', at);
    switch (kindOf(text, at, colon - at)) {
      case 'plain':
        continue;
      case 'date':
        hasDate = true;
        continue;
      case 'content-length': {
        lengths += 1;
        const digits = text.slice(colon + 1, lineEnd);
        if (!LENGTH.test(digits)) return 'its Content-Length is not a number';
        length = Number(digits);
        if (status !== 204 && status >= 200) continue;
        break;
      }
      case 'trailer':
        if (asked.trailers) continue;
        break;
      case 'underscored':
        return 'an underscore in the name of a framing header';
      case 'transfer-encoding':
        encodings += 1;
        encoding = text.slice(colon + 1, lineEnd);
        break;
      case 'connection': {
        const value = text.slice(colon + 1, lineEnd);
        connection = connection === '' ? value : `${connection},${value}`;
        break;
      }
      case 'keep-alive':
        keepAliveMs = keepAliveOf(text.slice(colon + 1, lineEnd));
        break;
      case 'upgrade':
        upgrade = text.slice(colon + 1, lineEnd).trim();
        break;
      case 'dropped':
    }
    lines += text.slice(kept, at);
    kept = lineEnd + 2;
  }
  lines += text.slice(kept, stop);

  if (fields > MOST_FIELDS) return 'it has too many header fields';
  if (lengths > 1) return 'its Content-Length is there more than once';
  if (encodings > 0) {
    if (lengths > 0) return 'it has Content-Length and Transfer-Encoding';
    if (minor === 0) return 'it has Transfer-Encoding in HTTP/1.0';
    if (encodings > 1) return 'its Transfer-Encoding is there more than once';
    if (!CHUNKED.test(encoding)) return 'its Transfer-Encoding is not chunked';
  }
  if (status === 101 && !asked.upgrade) return '101 to a request that asked for no tunnel';
  let close = minor === 0;
  if (connection !== '' && connection !== ' keep-alive') {
    lines = withoutNamed(lines, connection);
    if (minor === 0) close = !hasOption(connection, 'keep-alive');
    if (hasOption(connection, 'close')) close = true;
  } else if (connection !== '') close = false;
  if (!hasDate && status >= 200) lines += dateField();
  const bodyless = asked.isHead || status < 200 || status === 204 || status === 304;
  const framing = bodyless
    ? 'none'
    : encodings > 0
      ? 'chunked'
      : lengths === 0
        ? 'close'
        : length === 0
          ? 'none'
          : 'length';
  // A 204 that announces a body is from somebody who may send it as well.
  const odd = (status === 204 || status < 200) && (encodings > 0 || length > 0);
  return {
    status,
    reason,
    lines,
    bodyLength: status === 204 ? 0 : length,
    hasBody: !bodyless,
    framing,
    keepAlive: !close && framing !== 'close' && !odd,
    keepAliveMs,
    upgrade,
  };
};
