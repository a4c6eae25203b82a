/**
 * A client that pipelines has sent more requests before it can know that this connection ends. All
 * that have arrived are answered, so only the response to the last of them may say close.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Tally } from './accounting.ts';
import type { Connection } from './connections.ts';
import { connectionOf } from './connections.ts';

/** Whether nothing that has arrived on its connection comes after `response`. */
export const isLastResponse = (response: ServerResponse, connection: Connection): boolean => {
  if (connection.inFlight > 1 && connection.newest !== response) return false;
  return !(response.req.complete && isReceiving(connection));
};

interface ConnectionsList {
  /** The parsers that are in the middle of a message. */
  active(): { readonly socket: net.Socket }[];
}

/** Whether a request has arrived in part. True of a connection that has not sent anything yet, too. */
export const isReceiving = ({ server, socket }: Connection): boolean => {
  const symbol = Object.getOwnPropertySymbols(server).find(
    (own) => own.description === 'http.server.connections',
  );
  const list = symbol === undefined ? undefined : (Reflect.get(server, symbol) as Partial<ConnectionsList>);
  return list?.active?.().some((parser) => parser.socket === socket) ?? false;
};

const REQUEST_EVENTS = new Set<unknown>(['request', 'checkContinue', 'checkExpectation']);

/**
 * Hands requests to the app only when the whole chunk that brought them has been parsed: an app
 * that answers synchronously would else answer the first of several as if it were the last. What
 * arrives after a response has said close is not handed on at all (RFC 9112, 9.6).
 */
export const holdRequests = (server: net.Server, tally: Tally, isRetired: () => boolean): void => {
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = ((event: string, ...args: unknown[]): boolean => {
    if (!REQUEST_EVENTS.has(event) || !isRetired()) return emit(event, ...args);
    const request = args[0] as IncomingMessage;
    // HTTP/2 has no pipelines.
    if (request.httpVersionMajor > 1) return emit(event, ...args);
    process.nextTick(() => {
      const connection = connectionOf(request.socket);
      if (connection?.closing === true) drop(request, connection, tally);
      else emit(event, ...args);
    });
    return true;
  }) as typeof server.emit;
};

const drop = (request: IncomingMessage, connection: Connection, tally: Tally): void => {
  if (connection.inFlight > 0) {
    connection.inFlight--;
    tally.begun--;
  }
  request.resume();
};
