/**
 * HTTP/1.1 responses from raw bytes (RFC 9112): Content-Length, chunked, and bodies that the end
 * of the connection ends. Independent of Node's parser on purpose: it judges what Node wrote.
 */
export interface Response {
  readonly status: number;
  /** Lower-case names; a repeated field is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface ResponseParser {
  push(chunk: Buffer): void;
  /** The connection has ended. */
  end(): void;
  /** Bytes of a response that is not whole yet have come. */
  readonly inside: boolean;
}

type State =
  | { readonly at: 'head' }
  | { readonly at: 'fixed'; left: number }
  | { readonly at: 'chunk-size' }
  | { readonly at: 'chunk'; left: number }
  | { readonly at: 'chunk-end' }
  | { readonly at: 'trailer' }
  | { readonly at: 'until-end' };

const parseHead = (text: string): { status: number; headers: Record<string, string> } => {
  const [first = '', ...lines] = text.split('\r\n');
  const match = /^HTTP\/1\.1 (\d{3})( |$)/.exec(first);
  if (match === null) throw new Error(`not a status line: ${JSON.stringify(first.slice(0, 80))}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header: ${JSON.stringify(line.slice(0, 80))}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status: Number(match[1]), headers };
};

/** Calls `onResponse` for each whole response. `push` throws when the bytes are not HTTP. */
export const createResponseParser = (onResponse: (response: Response) => void): ResponseParser => {
  let pending: Buffer = Buffer.alloc(0);
  let state: State = { at: 'head' };
  let head = { status: 0, headers: {} as Record<string, string> };
  let body: Buffer[] = [];

  const done = (): void => {
    const response = { ...head, body: Buffer.concat(body) };
    state = { at: 'head' };
    body = [];
    onResponse(response);
  };

  const afterHead = (): void => {
    const { status, headers } = head;
    if (status < 200) state = { at: 'head' };
    else if (status === 204 || status === 304) done();
    else if (/\bchunked\b/i.test(headers['transfer-encoding'] ?? '')) state = { at: 'chunk-size' };
    else if (headers['content-length'] === undefined) state = { at: 'until-end' };
    else if (Number(headers['content-length']) === 0) done();
    else state = { at: 'fixed', left: Number(headers['content-length']) };
  };

  const takeLine = (end: string): string | null => {
    const at = pending.indexOf(end);
    if (at === -1) return null;
    const line = pending.toString('latin1', 0, at);
    pending = pending.subarray(at + end.length);
    return line;
  };

  const takeBody = (left: number): number => {
    const part = pending.subarray(0, left);
    body.push(part);
    pending = pending.subarray(part.length);
    return left - part.length;
  };

  /** One step; false when more bytes are needed. */
  const step = (): boolean => {
    switch (state.at) {
      case 'head': {
        const text = takeLine('\r\n\r\n');
        if (text === null) return false;
        head = parseHead(text);
        afterHead();
        return true;
      }
      case 'fixed':
        if (pending.length === 0) return false;
        state.left = takeBody(state.left);
        if (state.left === 0) done();
        return true;
      case 'chunk-size': {
        const line = takeLine('\r\n');
        if (line === null) return false;
        const size = Number.parseInt(line, 16);
        if (Number.isNaN(size)) throw new Error(`not a chunk size: ${JSON.stringify(line.slice(0, 80))}`);
        state = size === 0 ? { at: 'trailer' } : { at: 'chunk', left: size };
        return true;
      }
      case 'chunk':
        if (pending.length === 0) return false;
        state.left = takeBody(state.left);
        if (state.left === 0) state = { at: 'chunk-end' };
        return true;
      case 'chunk-end':
        if (takeLine('\r\n') === null) return false;
        state = { at: 'chunk-size' };
        return true;
      case 'trailer': {
        const line = takeLine('\r\n');
        if (line === null) return false;
        if (line === '') done();
        return true;
      }
      case 'until-end':
        if (pending.length === 0) return false;
        takeBody(pending.length);
        return false;
    }
  };

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      while (step());
    },
    end() {
      if (state.at === 'until-end') done();
    },
    get inside() {
      return state.at !== 'head' || pending.length > 0;
    },
  };
};
