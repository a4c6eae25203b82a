/** One address that the balancer listens on, from its bind to its close. */
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { ListenSettings } from '../../protocol/balance.ts';
import type { Terminate } from '../tls/terminate.ts';
import { bind } from './bind.ts';
import type { ListenAddress } from './listen-address.ts';

/** What may change while it listens. */
export interface ListenerTerms {
  readonly settings: ListenSettings;
  /** null: no TLS. */
  readonly secure: Terminate | null;
}

export type TakeSocket = (socket: Socket, listener: Listener) => void;

export class Listener {
  readonly address: string;
  readonly #server: Server;
  readonly #take: TakeSocket;
  #terms: ListenerTerms | undefined;
  /** Accepted before there were terms. */
  #early: Socket[] = [];

  constructor(address: string, take: TakeSocket) {
    this.address = address;
    this.#take = take;
    // A client may end its half and still wait for the answer.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.#terms !== undefined) return take(socket, this);
      socket.on('error', ignore);
      this.#early.push(socket);
    });
  }

  get terms(): ListenerTerms {
    if (this.#terms === undefined) throw new Error(`${this.address} has not begun`);
    return this.#terms;
  }

  /** Who has been accepted and waits for terms. */
  get early(): readonly Socket[] {
    return this.#early;
  }

  /** What the system gave where port 0 was asked for. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  /** Throws what `net.Server` says. Nobody is served before `go`. */
  async bind(address: ListenAddress): Promise<void> {
    await bind(this.#server, address);
    // EMFILE and the like when accepting: those who wait are accepted later.
    this.#server.on('error', ignore);
  }

  /** By these from now on; connections that are open keep theirs. */
  go(terms: ListenerTerms): void {
    this.#terms = terms;
    // Who has left meanwhile has no 'close' to come, which would count it out again.
    for (const socket of this.#early.splice(0)) if (!socket.destroyed) this.#take(socket, this);
  }

  /** Accepts no more; what is open stays. */
  close(): void {
    this.#server.close();
    for (const socket of this.#early.splice(0)) socket.destroy();
  }
}

/** What it means is seen by its close. */
const ignore = (): void => {};
