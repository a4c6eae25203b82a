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

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: ([\t\u0020-\u007E\u0080-\u00FF]*))?$/;
/** Field names are tokens; values have no control characters; no line is folded. */
const FIELDS = /^(?:[\w!#$%&'*+.^`|~-]+:[\t\u0020-\u007E\u0080-\u00FF]*\r\n)*$/;
const LENGTH = /^[ \t]*(\d{1,15})[ \t]*$/;
const CHUNKED = /^[ \t]*chunked[ \t]*$/i;

/** Names that are not passed on, or that decide something, by their length: most lines have another. */
const SPECIAL: ReadonlySet<string> = new Set([
  ...['te', 'date', 'upgrade', 'trailer', 'alt-svc', 'connection', 'keep-alive', 'content-length'],
  ...['content_length', 'http2-settings', 'proxy-connection', 'transfer-encoding', 'transfer_encoding'],
  ...['proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info'],
]);
const LENGTHS: readonly boolean[] = Array.from({ length: 32 }, (_, length) =>
  [...SPECIAL].some((name) => name.length === length),
);

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
  const first = STATUS_LINE.exec(text.slice(from, lineEnd));
  if (first === null) return 'its status line is malformed';
  const status = Number(first[2]);
  if (status < 100 || status > 599) return `status ${status}`;
  const minor = first[1];
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
    if (LENGTHS[colon - at] !== true) continue;
    const name = text.slice(at, colon).toLowerCase();
    if (!SPECIAL.has(name)) continue;
    const value = text.slice(colon + 1, lineEnd);
    switch (name) {
      case 'content-length': {
        lengths += 1;
        const digits = LENGTH.exec(value)?.[1];
        if (digits === undefined) return 'its Content-Length is not a number';
        length = Number(digits);
        if (status !== 204 && status >= 200) continue;
        break;
      }
      case 'date':
        hasDate = true;
        continue;
      case 'trailer':
        if (asked.trailers) continue;
        break;
      case 'content_length':
      case 'transfer_encoding':
        return 'an underscore in the name of a framing header';
      case 'transfer-encoding':
        encodings += 1;
        encoding = value;
        break;
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`;
        break;
      case 'keep-alive':
        keepAliveMs = Number(/timeout=(\d{1,6})/i.exec(value)?.[1] ?? 0) * 1000;
        break;
      case 'upgrade':
        upgrade = value.trim();
        break;
      default:
    }
    lines += text.slice(kept, at);
    kept = lineEnd + 2;
  }
  lines += text.slice(kept, stop);

  if (fields > MOST_FIELDS) return 'it has too many header fields';
  if (lengths > 1) return 'its Content-Length is there more than once';
  if (encodings > 0) {
    if (lengths > 0) return 'it has Content-Length and Transfer-Encoding';
    if (minor === '0') return 'it has Transfer-Encoding in HTTP/1.0';
    if (encodings > 1) return 'its Transfer-Encoding is there more than once';
    if (!CHUNKED.test(encoding)) return 'its Transfer-Encoding is not chunked';
  }
  if (status === 101 && !asked.upgrade) return '101 to a request that asked for no tunnel';
  let close = minor === '0';
  if (connection !== '') {
    lines = withoutNamed(lines, connection);
    if (minor === '0') close = !hasOption(connection, 'keep-alive');
    if (hasOption(connection, 'close')) close = true;
  }
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
    reason: first[3] ?? '',
    lines,
    bodyLength: status === 204 ? 0 : length,
    hasBody: !bodyless,
    framing,
    keepAlive: !close && framing !== 'close' && !odd,
    keepAliveMs,
    upgrade,
  };
};
