/**
 * A case is data: what the client sends, what the upstream does, and what each of both must have seen at
 * the end. Bytes are latin1 text. Nobody waits for a time: a step that waits names what it waits for.
 */

export type Step =
  /** Bytes, in one write. */
  | string
  /** Until the upstream has had these bytes, over whatever connection. */
  | { readonly upstreamHas: string }
  /** Until the client has had these bytes. */
  | { readonly clientHas: string }
  /** Until the client's connection has ended. */
  | 'client-ended'
  /** Until all connections to the upstream have ended. */
  | 'upstream-ended'
  /** Until the client's connection has ended, or so many milliseconds: for bytes that may end in the middle. */
  | { readonly settleMs: number }
  /** No more bytes from here (FIN). */
  | 'fin'
  /** The connection breaks (RST). */
  | 'reset';

/**
 * What the upstream does with one request, from the moment its head is there. `whole`: waits until all of
 * it is.
 */
export type Reply = readonly (Step | 'whole')[];

export interface ExpectedRequest {
  /** `GET / HTTP/1.1`. */
  readonly line?: string;
  /**
   * Header lines as they are and in their order, those left out that the balancer writes itself (see
   * `written` in judge.ts).
   */
  readonly lines?: readonly string[];
  /** Header lines that must be there, as they are. */
  readonly has?: readonly string[];
  /** Names that must not be there, lower case, or whole lines. */
  readonly lacks?: readonly string[];
  readonly body?: string;
  readonly trailers?: readonly string[];
  /** Its end never came, and the connection ended. */
  readonly cut?: true;
  /** All bytes. */
  readonly raw?: string;
}

export interface ExpectedResponse {
  readonly status: number | readonly number[];
  /** All header lines as they are and in their order, those left out that the balancer writes itself. */
  readonly lines?: readonly string[];
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  readonly body?: string;
  readonly trailers?: readonly string[];
  /** Begun, but nobody can take it for complete. */
  readonly cut?: true;
  /** All bytes. */
  readonly raw?: string;
}

export interface Case {
  readonly name: string;
  /** What says so. */
  readonly why: string;
  /** How the balancer is set; see skein.ts. */
  readonly setup?: Setup;
  readonly client: readonly Step[];
  /** For the nth request that the upstream gets; for those beyond, and by default, a 200 with the body `ok`. */
  readonly upstream?: readonly Reply[];
  /** Methods of the requests, for who reads the answers. All GET if not said. */
  readonly methods?: readonly string[];
  readonly expect: {
    /**
     * In the order in which they came. `nothing whole`: a head may have been on its way when the body turned
     * out to be none; what came was cut off.
     */
    readonly upstream: 'nothing' | 'nothing whole' | readonly ExpectedRequest[];
    /** In order, those of 1xx among them. */
    readonly client: readonly ExpectedResponse[];
    /**
     * The client's connection. `kept`: one more request over it is answered. `closed`: FIN, nothing behind
     * it. `cut`: it ended, no matter how. `clean`: one of the first two. `any`: not looked at, for the client
     * ended it itself.
     */
    readonly end: 'kept' | 'closed' | 'clean' | 'cut' | 'any';
    /** Bytes behind a 101. */
    readonly tunnel?: { readonly client: string; readonly upstream: string };
    /** For each request over which of the upstream's connections it came. */
    readonly over?: readonly number[];
  };
}

/**
 * `plain`: as installed. `trusting`: believes the loopback addresses, sends Forwarded. `narrow`: small
 * limits and short times. `repeating`: PUT and DELETE may be sent again. `proxied`: each connection begins
 * with a PROXY protocol header.
 */
export type Setup = 'plain' | 'trusting' | 'narrow' | 'repeating' | 'proxied';

/** Lines with their CRLF and the empty line behind. */
export const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** A request with `Host: a` as its first line. */
export const ask = (line: string, ...lines: readonly string[]): string => head(line, 'Host: a', ...lines);

export const get = (...lines: readonly string[]): string => ask('GET / HTTP/1.1', ...lines);
export const post = (...lines: readonly string[]): string => ask('POST / HTTP/1.1', ...lines);

/** A whole 200 with a length. */
export const ok = (body: string, ...lines: readonly string[]): string =>
  head('HTTP/1.1 200 OK', ...lines, `Content-Length: ${body.length}`) + body;

/** Reads all of the request, then says this. */
export const replies = (...steps: readonly Step[]): Reply => ['whole', ...steps];

/** Each byte in a write of its own. */
export const bytesOf = (text: string): readonly string[] => text.split('');

export const chunks = (...parts: readonly string[]): string =>
  `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;

/** The balancer answers itself, and closes: nobody knows where the next request would begin. */
export const refused = (
  name: string,
  why: string,
  status: number | readonly number[],
  ...client: readonly Step[]
): Case => ({ name, why, client, expect: { upstream: 'nothing', client: [{ status }], end: 'closed' } });

/** The head is good, the body is none: whatever has begun breaks off. */
export const brokenBody = (name: string, why: string, ...client: readonly Step[]): Case => ({
  name,
  why,
  client,
  expect: { upstream: 'nothing whole', client: [{ status: 400 }], end: 'closed' },
});

/** It reaches the upstream like this, the client gets the 200 and may go on. */
export const passed = (
  name: string,
  why: string,
  client: Step | readonly Step[],
  request: ExpectedRequest,
): Case => ({
  name,
  why,
  client: typeof client === 'string' || !Array.isArray(client) ? [client as Step] : client,
  expect: { upstream: [request], client: [{ status: 200, body: 'ok' }], end: 'kept' },
});

/** The upstream says this to a GET, and the client sees that. */
export const answered = (
  name: string,
  why: string,
  reply: Reply,
  response: ExpectedResponse,
  end: Case['expect']['end'] = 'kept',
): Case => ({
  name,
  why,
  client: [get()],
  upstream: [reply],
  expect: { upstream: [{}], client: [response], end },
});
