/**
 * Connections that have left HTTP by `Upgrade`. WebSockets are told to go away (close code 1001,
 * RFC 6455, 7.4.1) one after the other, so that their clients do not all come back at once.
 *
 * A server with an 'upgrade' listener treats upgrade requests otherwise than one without, so ours
 * is there only while the app has one.
 */
import type { IncomingMessage } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from './connections.ts';
import { connectionOf } from './connections.ts';

/** FIN, opcode 8 (close); 2 bytes: status 1001. A server does not mask. */
const CLOSE_GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);
/** The pause between two close frames when there is room for it. */
const PAUSE_MS = 20;
/** The share of the drain's time in which all are told. */
const SHARE = 0.8;
/** How long the closing handshake may take before the TCP connection is ended. */
const HANDSHAKE_MS = 2_000;

export const watchUpgrades = (server: net.Server, onUpgrade: (connection: Connection) => void): void => {
  const ours = (request: IncomingMessage, socket: Duplex): void => {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connection.upgraded = (request.headers.upgrade ?? '').toLowerCase();
    onUpgrade(connection);
  };
  const install = (): void => {
    if (!server.listeners('upgrade').includes(ours))
      server.prependListener('upgrade' as 'close', ours as never);
  };
  if (server.listenerCount('upgrade') > 0) install();
  server.on('newListener', (event: string, listener: unknown) => {
    if (event === 'upgrade' && listener !== ours) install();
  });
  server.on('removeListener', (event: string) => {
    const [only, ...others] = event === 'upgrade' ? server.listeners('upgrade') : [];
    if (only === ours && others.length === 0) server.removeListener('upgrade', ours);
  });
};

export const isWebSocket = ({ upgraded }: Connection): boolean => upgraded === 'websocket';

/** When to tell each of `count` WebSockets, in milliseconds from now. */
export const closeTimes = (count: number, windowMs: number): number[] => {
  const pause = Math.min(PAUSE_MS, (windowMs * SHARE) / Math.max(count, 1));
  return Array.from({ length: count }, (_, index) => Math.round(index * pause));
};

export const closeWebSockets = (connections: readonly Connection[], windowMs: number): void => {
  const times = closeTimes(connections.length, windowMs);
  connections.forEach((connection, index) => {
    setTimeout(closeWebSocket, times[index], connection).unref();
  });
};

const closeWebSocket = ({ socket }: Connection): void => {
  if (!socket.writable) return;
  socket.write(CLOSE_GOING_AWAY);
  setTimeout(() => socket.end(), HANDSHAKE_MS).unref();
};
