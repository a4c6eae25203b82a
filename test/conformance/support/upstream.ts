/** The upstream of all cases of a lane, one after the other. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Peer } from './peer.ts';
import type { World } from './world.ts';

export interface Upstream {
  readonly port: number;
  /** Whose connections those are that come from now on; undefined: nobody's. */
  serve(world: World | undefined): void;
  close(): void;
}

export const upstream = async (): Promise<Upstream> => {
  let world: World | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const mine = world;
    const peer = new Peer(socket, () => {
      mine?.look();
      mine?.news();
    });
    if (mine === undefined) peer.destroy();
    else mine.connected(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve(next) {
      world = next;
    },
    close() {
      server.close();
    },
  };
};
