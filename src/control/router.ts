/**
 * Routing for a dozen paths over node:http. A web framework stood here first; with what it pulls
 * in it took 9 MB of the supervisor's private memory (docs/decisions/0008-control-api-without-a-framework.md).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SkeinError, asSkeinError } from '../core/errors.ts';
import { encodeLine } from '../core/json-lines.ts';
import http from '../core/node-http.ts';

export interface Call {
  readonly query: URLSearchParams;
  /** The segment that stands for `:id`. */
  readonly id: string;
  /** The request body as JSON. Throws E_BAD_REQUEST. */
  body(): Promise<unknown>;
}

/** For who has much to send and minds how much of it waits. */
export interface Wire {
  /** Encoded already: whole lines of NDJSON. */
  write(bytes: Buffer): void;
  /** Bytes that the follower has not taken. */
  waiting(): number;
  /** Called when it has taken all that waited. */
  onDrain(listener: () => void): void;
}

/** NDJSON that goes on: `begin` gets what sends a line and what ends the answer, and returns what
 *  to do when the follower is gone. */
export type Follow = (send: (line: unknown) => void, end: () => void, wire: Wire) => (() => void) | undefined;

export type Answer = { readonly json: unknown; readonly status?: number } | { readonly follow: Follow };

/** `GET /v1/operations/:id` to what answers it. */
export type Routes = Readonly<Record<string, (call: Call) => Answer | Promise<Answer>>>;

/** A request is a few names, or the specs of all apps of a config file, each with its environment. */
const MOST_BODY = 64 << 20;
/** What a follower that does not read may keep waiting, in bytes; beyond it, it is let go. */
const MOST_WAITING = 1 << 20;

export const createRouter = (routes: Routes, logFile: string): Server => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const url = new URL(request.url ?? '/', 'http://skein');
      const { handler, id } = find(routes, request.method ?? 'GET', url.pathname);
      const result = await handler({ query: url.searchParams, id, body: () => readBody(request) });
      if ('follow' in result) follow(response, result.follow);
      else sendJson(response, result.status ?? 200, result.json);
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      const known = asSkeinError(error, logFile);
      sendJson(response, known.status, { error: known.toData() });
    }
  };
  const server = http.createServer((request, response) => void answer(request, response));
  // A follower may be silent for as long as nothing happens.
  server.requestTimeout = 0;
  return server;
};

const find = (routes: Routes, method: string, path: string): { handler: Routes[string]; id: string } => {
  const exact = routes[`${method} ${path}`];
  if (exact !== undefined) return { handler: exact, id: '' };
  const [, version, name, id = '', ...rest] = path.split('/');
  const handler = routes[`${method} /${[version, name, ':id', ...rest].join('/')}`];
  if (handler === undefined)
    throw new SkeinError('E_BAD_REQUEST', { reason: `there is no ${method} ${path}` });
  return { handler, id };
};

const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

const follow = (response: ServerResponse, begin: Follow): void => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  // At once, so that a follower knows it is connected.
  response.flushHeaders();
  const cleanUps: (() => void)[] = [];
  let over = false;
  let most = Infinity;
  const end = (): void => {
    if (over) return;
    over = true;
    for (const cleanUp of cleanUps) cleanUp();
    response.end();
  };
  response.once('close', end);
  const send = (line: unknown): void => {
    if (over) return;
    response.write(encodeLine(line));
    if (response.writableLength > most) response.destroy();
  };
  const cleanUp = begin(send, end, {
    write: (bytes) => {
      if (!over) response.write(bytes);
    },
    waiting: () => response.writableLength,
    onDrain: (listener) => response.on('drain', listener),
  });
  // What was there already comes at once, however much was asked for.
  most = response.writableLength + MOST_WAITING;
  if (cleanUp === undefined) return;
  if (over) cleanUp();
  else cleanUps.push(cleanUp);
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) throw new SkeinError('E_BAD_REQUEST', { reason: 'the body is too large' });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new SkeinError('E_BAD_REQUEST', { reason: 'the body is not JSON' });
  }
};
