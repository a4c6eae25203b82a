/** A TCP proxy whose cable can be cut: bytes stop, but nobody is told, as when a network fails. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface CuttableProxy {
  readonly port: number;
  /** Silently: connections stay, nothing passes any more. */
  cut(): void;
  /** For new connections, and those that carried nothing meanwhile. */
  mend(): void;
  /** Resets what is open; new connections pass. */
  reset(): void;
  close(): Promise<void>;
}

export const startProxy = async (target: number): Promise<CuttableProxy> => {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    let dead = false;
    const upstream = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      // A stream that has lost bytes never delivers later ones either.
      from.on('data', (bytes) => {
        if (isCut) dead = true;
        if (!dead) to.write(bytes);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (isCut = true),
    mend: () => void (isCut = false),
    reset,
    async close() {
      server.close();
      reset();
      await once(server, 'close');
    },
  };
};
