/**
 * HTTP/1.1 messages, read as strictly as RFC 9112 is written and by nothing that the balancer uses: what
 * is not exactly one message is none. Text is latin1, so that a character is a byte.
 */

/** Name and value of each line, as they are. */
export type Lines = readonly (readonly [name: string, value: string])[];

interface Message {
  readonly lines: Lines;
  /** Without chunks; as far as it came. */
  readonly body: string;
  readonly trailers: Lines;
  /** All of it came, and a reader would know. */
  readonly whole: boolean;
  /** Its bytes, as far as they came. */
  readonly raw: string;
}

export interface RequestSeen extends Message {
  readonly method: string;
  readonly target: string;
  readonly version: string;
}

export interface ResponseSeen extends Message {
  readonly status: number;
  readonly reason: string;
  readonly version: string;
}

/** Why bytes are no message. */
export class NotHttp extends Error {}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/(1\\.[01])$`);
const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/;
const CHUNK = /^[\da-f]{1,12}$/i;

/** What a recipient may let pass (RFC 9112, sections 2.2, 3, 4, 7.1.1), if it sends it on right. */
const LENIENT_STATUS = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const LENIENT_LINE = new RegExp(`^(${TOKEN}) +([\\x21-\\x7e\\x80-\\xff]+) +HTTP/(1\\.[01])$`);
const EXTENSIONS = /(?:;[\t\x20-\x7e\x80-\xff]*)$/;

/** Lines without their CRLF; a CR or LF of its own stays in a line and fails there. */
const fields = (text: string): Lines =>
  text === ''
    ? []
    : text.split('\r\n').map((line) => {
        const match = FIELD.exec(line);
        if (match === null) throw new NotHttp(`no header line: ${JSON.stringify(line)}`);
        return [match[1]!, match[2]!];
      });

export const valuesOf = (lines: Lines, name: string): readonly string[] =>
  lines.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);

type Framing =
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'chunks' }
  | { readonly by: 'none' };

const framingOf = (lines: Lines): Framing => {
  const lengths = valuesOf(lines, 'content-length');
  const codings = valuesOf(lines, 'transfer-encoding');
  if (codings.length > 0) {
    if (lengths.length > 0) throw new NotHttp('Content-Length with Transfer-Encoding');
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked')
      throw new NotHttp(`Transfer-Encoding: ${codings.join(' | ')}`);
    return { by: 'chunks' };
  }
  if (lengths.length === 0) return { by: 'none' };
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!))
    throw new NotHttp(`Content-Length: ${lengths.join(' | ')}`);
  return { by: 'length', length: Number(lengths[0]) };
};

interface Body {
  readonly body: string;
  readonly trailers: Lines;
  readonly end: number;
  readonly whole: boolean;
}

const chunked = (text: string, from: number, lenient: boolean): Body => {
  let body = '';
  let at = from;
  for (;;) {
    const eol = text.indexOf('\r\n', at);
    if (eol === -1) return { body, trailers: [], end: text.length, whole: false };
    const line = text.slice(at, eol);
    const size = lenient ? line.replace(EXTENSIONS, '') : line;
    if (!CHUNK.test(size)) throw new NotHttp(`no chunk size: ${JSON.stringify(size)}`);
    const length = Number.parseInt(size, 16);
    at = eol + 2;
    if (length === 0) break;
    body += text.slice(at, at + length);
    if (text.length < at + length + 2) return { body, trailers: [], end: text.length, whole: false };
    if (text.slice(at + length, at + length + 2) !== '\r\n') throw new NotHttp('no CRLF behind a chunk');
    at += length + 2;
  }
  if (text.startsWith('\r\n', at)) return { body, trailers: [], end: at + 2, whole: true };
  const end = text.indexOf('\r\n\r\n', at);
  if (end === -1) return { body, trailers: [], end: text.length, whole: false };
  return { body, trailers: fields(text.slice(at, end)), end: end + 4, whole: true };
};

const sized = (text: string, from: number, length: number): Body => ({
  body: text.slice(from, from + length),
  trailers: [],
  end: Math.min(text.length, from + length),
  whole: text.length >= from + length,
});

const bodyOf = (text: string, from: number, framing: Framing, lenient: boolean): Body => {
  switch (framing.by) {
    case 'length':
      return sized(text, from, framing.length);
    case 'chunks':
      return chunked(text, from, lenient);
    case 'none':
      return sized(text, from, 0);
  }
};

/** The first line, the other lines, and where they end; undefined: they have not ended yet. */
const headOf = (
  text: string,
  from: number,
): { readonly first: string; readonly lines: Lines; readonly end: number } | undefined => {
  const end = text.indexOf('\r\n\r\n', from);
  if (end === -1) return undefined;
  const head = text.slice(from, end);
  const eol = head.indexOf('\r\n');
  return eol === -1
    ? { first: head, lines: [], end: end + 4 }
    : { first: head.slice(0, eol), lines: fields(head.slice(eol + 2)), end: end + 4 };
};

/**
 * A request that begins at `from`; undefined: its head is not complete. `lenient`: with what a recipient
 * may let pass.
 */
export const requestAt = (
  text: string,
  from: number,
  lenient = false,
): { readonly request: RequestSeen; readonly end: number } | undefined => {
  let begin = from;
  while (lenient && /[\r\n]/.test(text.charAt(begin))) begin += 1;
  const head = headOf(text, begin);
  if (head === undefined) return undefined;
  const line = (lenient ? LENIENT_LINE : REQUEST_LINE).exec(head.first);
  if (line === null) throw new NotHttp(`no request line: ${JSON.stringify(head.first)}`);
  const [, method = '', target = '', version = ''] = line;
  const { body, trailers, end, whole } = bodyOf(text, head.end, framingOf(head.lines), lenient);
  const raw = text.slice(from, end);
  return { request: { method, target, version, lines: head.lines, body, trailers, whole, raw }, end };
};

/**
 * A response that begins at `from`. `method`: of its request. `closed`: the connection ended, and by FIN,
 * which is what ends a body without a length. `lenient`: as with requests.
 */
export const responseAt = (
  text: string,
  from: number,
  method: string,
  closed: boolean,
  lenient = false,
): { readonly response: ResponseSeen; readonly end: number } | undefined => {
  const head = headOf(text, from);
  if (head === undefined) return undefined;
  const line = (lenient ? LENIENT_STATUS : STATUS_LINE).exec(head.first);
  if (line === null) throw new NotHttp(`no status line: ${JSON.stringify(head.first)}`);
  const [, version = '', code = '', reason = ''] = line;
  const status = Number(code);
  const framing = framingOf(head.lines);
  const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  let read: Body;
  if (bodiless) read = sized(text, head.end, 0);
  else if (framing.by === 'none') {
    read = { body: text.slice(head.end), trailers: [], end: text.length, whole: closed };
  } else read = bodyOf(text, head.end, framing, lenient);
  const { body, trailers, end, whole } = read;
  const raw = text.slice(from, end);
  return { response: { status, reason, version, lines: head.lines, body, trailers, whole, raw }, end };
};
