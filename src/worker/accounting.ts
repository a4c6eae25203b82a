/**
 * Counts what happened to every request of this worker. On the path of an HTTP/1 request this is
 * two diagnostics channels that add to integers; connections are counted by Node itself.
 */
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WorkerStats } from '../protocol/worker.ts';
import type { Connection, Connections } from './connections.ts';
import { connectionOf } from './connections.ts';

/** Requests by what became of them. `begun` = in flight + answered + reset + truncated. */
export interface Tally {
  begun: number;
  answered: number;
  reset: number;
  truncated: number;
}

export const newTally = (): Tally => ({ begun: 0, answered: 0, reset: 0, truncated: 0 });

/** What Node publishes on both channels (lib/_http_server.js). */
interface RequestEvent {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

/** Counts all HTTP/1 requests from now on. */
export const countRequests = (tally: Tally): void => {
  diagnostics.subscribe('http.server.request.start', (message) => {
    const { socket, response } = message as RequestEvent;
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    tally.begun++;
    if (connection.inFlight++ > 0) connection.newest = response;
  });
  diagnostics.subscribe('http.server.response.finish', (message) => {
    const connection = connectionOf((message as RequestEvent).socket);
    // A response may finish after its connection has been lost and counted.
    if (connection === undefined || connection.inFlight === 0) return;
    tally.answered++;
    if (--connection.inFlight === 0) connection.newest = null;
  });
};

/** A connection is gone, and with it the requests that were in flight on it. */
export const countLost = (tally: Tally, connection: Connection): void => {
  const lost = connection.inFlight;
  if (lost === 0) return;
  connection.inFlight = 0;
  connection.newest = null;
  // Responses go out in order: only the first can have begun.
  const begun = currentResponse(connection.socket)?.headersSent === true ? 1 : 0;
  tally.truncated += begun;
  tally.reset += lost - begun;
};

/** The response that is being written to this socket now. */
export const currentResponse = (socket: Socket): ServerResponse | null =>
  (socket as unknown as { readonly _httpMessage?: ServerResponse | null })._httpMessage ?? null;

export const inFlight = ({ begun, answered, reset, truncated }: Tally): number =>
  begun - answered - reset - truncated;

export const statsOf = (tally: Tally, connections: Connections, utilisation: number): WorkerStats => ({
  connections: connections.count(),
  inFlight: inFlight(tally),
  answered: tally.answered,
  reset: tally.reset,
  truncated: tally.truncated,
  utilisation,
});
