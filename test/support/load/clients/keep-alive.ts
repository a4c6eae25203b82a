/** A pool of connections, each used again after its think time. */
import { openConnection } from '../connection.ts';
import type { Connection, Exchange } from '../connection.ts';
import type { LoadProfile } from '../profile.ts';
import type { Random } from '../random.ts';
import { encodeRequest } from '../requests.ts';
import type { TallyBook } from '../tally.ts';

export interface Pool {
  /** Sends all of them in one write, on a connection that has rested or on a new one. */
  send(exchanges: readonly Exchange[]): void;
  close(): void;
}

export const createPool = (profile: LoadProfile, book: TallyBook, random: Random): Pool => {
  /** Longest rested first. */
  const resting: { readonly connection: Connection; readonly until: number }[] = [];
  const open = new Set<Connection>();

  const take = (): Connection => {
    const now = Date.now();
    for (let at = 0; at < resting.length; at += 1) {
      const candidate = resting[at];
      if (candidate === undefined || candidate.until > now) continue;
      resting.splice(at, 1);
      return candidate.connection;
    }
    const connection = openConnection(profile, book, {
      onIdle: (idle) =>
        resting.push({ connection: idle, until: Date.now() + random.exponential(profile.thinkMs) }),
      onClosed(gone) {
        open.delete(gone);
        const at = resting.findIndex((one) => one.connection === gone);
        if (at !== -1) resting.splice(at, 1);
      },
    });
    open.add(connection);
    return connection;
  };

  return {
    send(exchanges) {
      const connection = take();
      connection.expect(exchanges);
      connection.socket.write(
        Buffer.concat(exchanges.map((one) => encodeRequest(one.request, 'keep-alive'))),
      );
    },
    close() {
      for (const connection of open) connection.socket.destroy();
    },
  };
};
