/** An upstream that answers with exactly the bytes a test wants and sees exactly what it is sent. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { UpstreamAddress } from '../../src/protocol/balance.ts';
import { until } from './wait.ts';

export interface RawConnection {
  readonly socket: Socket;
  received: string;
  ended: boolean;
  closed: boolean;
}

export interface RawUpstream {
  readonly address: UpstreamAddress;
  readonly connections: RawConnection[];
  /** All that came over all connections. */
  readonly received: string;
  /** Waits for the text in what came over any connection, and gives that connection. */
  untilText(text: string): Promise<RawConnection>;
  close(): Promise<void>;
}

export const GET_END = '\r\n\r\n';

/** `answer` is called with each piece that comes; by default nothing is answered. */
export const startRawUpstream = async (
  answer: (connection: RawConnection, piece: string) => void = () => undefined,
): Promise<RawUpstream> => {
  const connections: RawConnection[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection: RawConnection = { socket, received: '', ended: false, closed: false };
    connections.push(connection);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      connection.received += piece;
      answer(connection, piece);
    });
    socket.on('end', () => {
      connection.ended = true;
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.closed = true;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections,
    get received() {
      return connections.map((one) => one.received).join('');
    },
    untilText: (text) => until(text, () => connections.find((one) => one.received.includes(text))),
    close: async () => {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Answers each request without a body with these bytes. */
export const answering =
  (bytes: string): ((connection: RawConnection, piece: string) => void) =>
  ({ socket }, piece) => {
    if (piece.endsWith(GET_END)) socket.write(bytes, 'latin1');
  };
