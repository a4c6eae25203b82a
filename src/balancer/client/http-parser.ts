/**
 * Node's own HTTP/1 parser, as `node:http` uses it: it reads the socket's handle by itself, so a request
 * costs one call into JavaScript and no stream. Nothing exports its class; a server's connection has one.
 */
import { Duplex } from 'node:stream';
import http from '../../core/node-http.ts';
import { latin1Of } from '../latin1.ts';

const EMPTY = Buffer.alloc(0);

/** Callbacks are properties named by numbers and are called with the parser as `this`. */
export interface HttpParser {
  [callback: number]: ((this: HttpParser, ...given: never[]) => unknown) | null | undefined;
  /** Whose parser it is at present. */
  owner: ParserOwner | null;
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  /** Bytes read, or why they are no HTTP. */
  execute(bytes: Uint8Array): number | ParseError;
  consume(handle: object): void;
  unconsume(): void;
  /** What is being read, in callbacks only. */
  getCurrentBuffer(): Buffer;
  free(): void;
  remove(): void;
}

export interface ParseError extends Error {
  readonly code: string;
  readonly bytesParsed: number;
}

/** What a parser reads is told to its owner. */
export interface ParserOwner {
  /** Part of a head with many fields, or trailers. */
  parsedHeaders(headers: readonly string[], url: string): void;
  /** `raw` and `url` are undefined when they came by `parsedHeaders`. */
  parsedHead(
    major: number,
    minor: number,
    raw: readonly string[] | undefined,
    method: number,
    url: string | undefined,
    upgrade: boolean,
    keepAlive: boolean,
  ): void;
  /** The chunk is a copy. */
  parsedBody(chunk: Buffer): void;
  parsedEnd(): void;
  /** A read has been parsed: bytes that were HTTP, or why there are no more. */
  executed(result: number | ParseError): void;
}

interface HttpParserClass {
  new (): HttpParser;
  readonly REQUEST: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kOnExecute: number;
  readonly kLenientNone: number;
}

const findClass = (): HttpParserClass => {
  const duplex = new Duplex({ read: () => undefined });
  new http.Server().emit('connection', duplex);
  const { parser } = duplex as unknown as { parser: { constructor: HttpParserClass } };
  duplex.destroy();
  return parser.constructor;
};

const Parser: HttpParserClass = findClass();
const onHeaders = Math.trunc(Parser.kOnHeaders);
const onHeadersComplete = Math.trunc(Parser.kOnHeadersComplete);
const onBody = Math.trunc(Parser.kOnBody);
const onMessageComplete = Math.trunc(Parser.kOnMessageComplete);
const onExecute = Math.trunc(Parser.kOnExecute);

const start = (parser: HttpParser, maxHeaderSize: number): void => {
  parser.initialize(Parser.REQUEST, {}, maxHeaderSize, Parser.kLenientNone);
};

/** The parser tells methods by numbers, whose list is as hidden as its class: it is asked for each. */
const findMethods = (): readonly string[] => {
  const names: string[] = [];
  const parser = new Parser();
  for (const name of http.METHODS) {
    start(parser, 1024);
    parser[onHeadersComplete] = (_major: number, _minor: number, _raw: unknown, method: number): number => {
      names[method] = name;
      return 0;
    };
    parser.execute(Buffer.from(`${name} ${name === 'CONNECT' ? 'a:1' : '/'} HTTP/1.1\r\nHost: a\r\n\r\n`));
  }
  return names;
};

/** By the parser's number; what is not here is a method of RTSP. */
export const methodNames: readonly string[] = findMethods();

function headers(this: HttpParser, fields: readonly string[], url: string): void {
  this.owner?.parsedHeaders(fields, url);
}
function headersComplete(
  this: HttpParser,
  major: number,
  minor: number,
  raw: readonly string[] | undefined,
  method: number,
  url: string | undefined,
  _status: unknown,
  _reason: unknown,
  upgrade: boolean,
  keepAlive: boolean,
): number {
  this.owner?.parsedHead(major, minor, raw, method, url, upgrade, keepAlive);
  return 0;
}
function body(this: HttpParser, chunk: Buffer): void {
  this.owner?.parsedBody(chunk);
}
function messageComplete(this: HttpParser): void {
  this.owner?.parsedEnd();
}
function executed(this: HttpParser, result: number | ParseError): void {
  this.owner?.executed(result);
}

const MOST_FREE = 1000;
const free: HttpParser[] = [];

const newParser = (): HttpParser => {
  const parser = new Parser();
  parser[onHeaders] = headers;
  parser[onHeadersComplete] = headersComplete;
  parser[onBody] = body;
  parser[onMessageComplete] = messageComplete;
  parser[onExecute] = executed;
  return parser;
};

/** `maxHeaderSize`: bytes of a head; more are an error with the code `HPE_HEADER_OVERFLOW`. */
export const borrowParser = (owner: ParserOwner, maxHeaderSize: number): HttpParser => {
  const parser = free.pop() ?? newParser();
  start(parser, maxHeaderSize);
  parser.owner = owner;
  return parser;
};

/** The read in work as text; `bytes`: what it was given, when it did not read them itself. */
export const textRead = (parser: HttpParser | null, bytes: Uint8Array | null): string =>
  latin1Of(bytes ?? parser?.getCurrentBuffer() ?? EMPTY);

/** Nothing is told to its owner any more. `consumed`: it reads a handle that is still there. */
export const returnParser = (parser: HttpParser, consumed: boolean): void => {
  if (consumed) parser.unconsume();
  parser.owner = null;
  parser.remove();
  parser.free();
  if (free.length < MOST_FREE) free.push(parser);
};
