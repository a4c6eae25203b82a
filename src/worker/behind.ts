/**
 * Where an http server listens that a balancer stands before: not on the address that the app asked for,
 * which the holder keeps and the balancer takes, but on a unix socket of this worker alone. To the app it
 * is as if it had its address.
 */
import type net from 'node:net';
import type { OwnSocket } from '../protocol/holder.ts';
import type { Listening } from '../protocol/worker.ts';
import type { Bound, HolderChannel } from './holder-channel.ts';
import type { ListenQuery } from './listener-keys.ts';
import type { ServerHandle } from './node-internals.ts';
import { answerPulse } from './pulse.ts';
import { kindOfServer } from './server-kind.ts';
import { nameOfHandle } from './socket-address.ts';

export type Where = NonNullable<Listening['behind']>;

/** What a server listens on, and where that is. */
export type Taken =
  | { readonly errno: 0; readonly handle: ServerHandle; readonly where: Where }
  | { readonly errno: number; readonly handle: null };

/** TLS is the app's own: what is in it no balancer can read. */
export const isForBehind = (server: net.Server, { addressType, fd }: ListenQuery): boolean =>
  kindOfServer(server) === 'http' && typeof addressType === 'number' && addressType > 0 && (fd ?? -1) < 0;

interface AddressedHandle {
  getpeername?: (out: object) => number;
  getsockname?: (out: object) => number;
}

/** What a proxy on this machine would be seen as: apps trust `loopback` to tell them who the client is. */
const fromLoopback = (out: object): number => {
  Object.assign(out, { address: '127.0.0.1', family: 'IPv4', port: 0 });
  return 0;
};

type Came = Extract<Bound, { readonly data: unknown }>;

const pathOf = (bound: Came): string => (bound.data as OwnSocket).path;

const isBound = (bound: Bound): bound is Came => bound.handle !== null;

export class Behind {
  readonly #channel: Pick<HolderChannel, 'ownSocket'>;
  readonly #servers = new WeakSet<net.Server>();
  /** Of this process, for all its servers; null: not yet. */
  #pulse: string | null = null;

  constructor(channel: Pick<HolderChannel, 'ownSocket'>) {
    this.#channel = channel;
  }

  /** Whether all connections of this server come from balancers. */
  has(server: net.Server): boolean {
    return this.#servers.has(server);
  }

  /** In place of `address`, the socket that the app asked for, which is closed here. */
  take(server: net.Server, address: ServerHandle, done: (taken: Taken) => void): void {
    const name = nameOfHandle(address) ?? {};
    address.close();
    this.#withPulse((pulse) => {
      if (typeof pulse === 'number') return done({ errno: pulse, handle: null });
      this.#channel.ownSocket((own) => {
        if (!isBound(own)) return done({ errno: own.errno, handle: null });
        const handle = own.handle as ServerHandle;
        // `server.address()` asks for it, and sockets for their own end.
        const getsockname = (out: object): number => {
          Object.assign(out, name);
          return 0;
        };
        handle.getsockname = getsockname;
        if (!this.#servers.has(server))
          server.prependListener('connection', (socket) => {
            const { _handle: one } = socket as unknown as { readonly _handle: AddressedHandle | null };
            // A connection on a unix socket has no addresses, and `request.ip` would be undefined.
            if (one !== null) Object.assign(one, { getpeername: fromLoopback, getsockname });
          });
        this.#servers.add(server);
        done({ errno: 0, handle, where: { path: pathOf(own), pulse } });
      });
    });
  }

  #withPulse(done: (pulse: string | number) => void): void {
    if (this.#pulse !== null) return done(this.#pulse);
    this.#channel.ownSocket((own) => {
      if (!isBound(own)) return done(own.errno);
      // Two servers have asked at the same time: one pulse is enough.
      if (this.#pulse !== null) {
        own.handle.close();
        return done(this.#pulse);
      }
      const errno = answerPulse(own.handle as ServerHandle);
      if (errno !== 0) {
        own.handle.close();
        return done(errno);
      }
      this.#pulse = pathOf(own);
      done(this.#pulse);
    });
  }
}
