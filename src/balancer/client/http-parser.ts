/**
 * Node's own HTTP/1 parser, as `node:http` uses it: it reads the socket's handle by itself, so a request
 * costs one call into JavaScript and no stream. Nothing exports its class; a server's connection has one.
 */
import { Duplex } from 'node:stream';
import http from '../../core/node-http.ts';

/** Callbacks are properties named by numbers and are called with the parser as `this`. */
export interface HttpParser {
  [callback: number]: ((this: HttpParser, ...given: never[]) => unknown) | null | undefined;
  /** Whose parser it is at present. */
  owner: unknown;
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  /** Bytes read, or why they are no HTTP. */
  execute(bytes: Uint8Array): number | ParseError;
  consume(handle: object): void;
  unconsume(): void;
  /** What is being read, in the callback `onExecute` only. */
  getCurrentBuffer(): Buffer;
  free(): void;
  remove(): void;
}

export interface ParseError extends Error {
  readonly code: string;
  readonly bytesParsed: number;
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

export const Parser: HttpParserClass = findClass();
export const onHeaders: number = Math.trunc(Parser.kOnHeaders);
export const onHeadersComplete: number = Math.trunc(Parser.kOnHeadersComplete);
export const onBody: number = Math.trunc(Parser.kOnBody);
export const onMessageComplete: number = Math.trunc(Parser.kOnMessageComplete);
export const onExecute: number = Math.trunc(Parser.kOnExecute);

export const startParser = (parser: HttpParser, maxHeaderSize: number): void => {
  parser.initialize(Parser.REQUEST, {}, maxHeaderSize, Parser.kLenientNone);
};

/** The parser tells methods by numbers, whose list is as hidden as its class: it is asked for each. */
const findMethods = (): readonly string[] => {
  const names: string[] = [];
  const parser = new Parser();
  for (const name of http.METHODS) {
    startParser(parser, 1024);
    parser[onHeadersComplete] = (_major: number, _minor: number, _raw: unknown, method: number): number => {
      names[method] = name;
      return 0;
    };
    parser.execute(Buffer.from(`${name} ${name === 'CONNECT' ? 'a:1' : '/'} HTTP/1.1\r\nHost: a\r\n\r\n`));
  }
  return names;
};

/** By the parser's number; what is not here it does not let through. */
export const methodNames: readonly string[] = findMethods();
