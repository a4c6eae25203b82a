/**
 * Where `socket.bind()` of a dgram socket becomes a socket of the holder. Sockets that are bound
 * `exclusive` or with `reusePort`, implicitly by a first `send()`, or by one worker to a port of the
 * kernel's choice (a client that waits for its own answers) stay what they are in plain Node.
 */
import cluster from 'node:cluster';
import dgram from 'node:dgram';
import { errorMonitor } from 'node:events';
import { holdEventLoop } from './event-loop-hold.ts';
import type { GetServerOptions } from './listen-seam.ts';
import type { UdpHandle } from './node-internals.ts';
import { udpState } from './node-internals.ts';
import type { Seam } from './seam.ts';
import { bindError } from './socket-address.ts';
import { UdpListener } from './udp-listener.ts';

type Done = (errno: number, handle: UdpHandle | null) => void;

/** For several workers: `cluster._getServer` of a dgram socket. */
export const bindUdpInCluster = (
  seam: Seam,
  socket: dgram.Socket,
  options: GetServerOptions,
  done: Done,
): void => {
  const { address, port, addressType, fd, flags } = options;
  const query = { address, port, addressType, fd: fd ?? null };
  const key = seam.keys.take(query);
  const hold = holdEventLoop(udpState(socket)?.handle?.hasRef());
  seam.channel.bind({ ...query, key: key.text, flags: flags ?? 0, data: null }, (bound) => {
    hold.release();
    if (bound.handle === null) {
      key.release();
      return done(bound.errno, null);
    }
    const handle = bound.handle as UdpHandle;
    // The app closed the socket before its handle came.
    if (!hasHandle(socket)) {
      key.release();
      return handle.close();
    }
    void new UdpListener({ ...seam, socket, handle, key });
    done(0, handle);
  });
};

type Bind = (this: dgram.Socket, ...args: unknown[]) => dgram.Socket;

/** For one worker: `bind` asks the holder and then binds to the handle that came. */
export const installDgramSeam = (seam: Seam): void => {
  if (cluster.isWorker) return;
  const prototype = dgram.Socket.prototype as unknown as { bind: Bind };
  const bind = prototype.bind;
  prototype.bind = function (...args) {
    const state = udpState(this);
    const { type } = this as unknown as { type: 'udp4' | 'udp6' };
    const wanted = wantedAddress(type, args);
    if (state?.handle == null || state.bindState !== 0 || state.reusePort === true || wanted === null) {
      return bind.apply(this, args);
    }
    const callback = args.at(-1);
    if (typeof callback === 'function') onceListening(this, callback as () => void);
    state.bindState = 1;
    const fail = (error: Error): void => {
      state.bindState = 0;
      this.emit('error', error);
    };
    state.handle.lookup(wanted.address, (error, address) => {
      if (!hasHandle(this)) return;
      if (error !== null && error !== undefined) return fail(error);
      const flags = (state.reuseAddr === true ? REUSEADDR : 0) | (state.ipv6Only === true ? IPV6ONLY : 0);
      const options = { address, port: wanted.port, addressType: type, fd: -1, flags };
      bindUdpInCluster(seam, this, options, (errno, handle) => {
        if (handle === null)
          return hasHandle(this) ? fail(bindError(errno, address, wanted.port)) : undefined;
        state.bindState = 0;
        bind.call(this, handle);
      });
    });
    return this;
  };
};

const hasHandle = (socket: dgram.Socket): boolean => (udpState(socket)?.handle ?? null) !== null;

/** libuv's UV_UDP_IPV6ONLY and UV_UDP_REUSEADDR. */
const IPV6ONLY = 1;
const REUSEADDR = 4;

/** null: not a bind that is held. */
const wantedAddress = (
  type: 'udp4' | 'udp6',
  [first, second]: readonly unknown[],
): { readonly address: string; readonly port: number } | null => {
  let port = first;
  let address = second;
  if (typeof first === 'object' && first !== null) {
    if ('recvStart' in first || 'fd' in first || ('exclusive' in first && first.exclusive === true))
      return null;
    ({ port, address } = first as { port?: unknown; address?: unknown });
  }
  const number = Number(port);
  if (!Number.isInteger(number) || number <= 0) return null;
  const anywhere = type === 'udp4' ? '0.0.0.0' : '::';
  return { address: typeof address === 'string' && address !== '' ? address : anywhere, port: number };
};

/** As lib/dgram.js does it: a bind that fails takes its callback along. */
const onceListening = (socket: dgram.Socket, callback: () => void): void => {
  const remove = (): void => {
    socket.removeListener(errorMonitor, remove);
    socket.removeListener('listening', listening);
  };
  const listening = (): void => {
    remove();
    callback.call(socket);
  };
  socket.on(errorMonitor as unknown as 'error', remove);
  socket.on('listening', listening);
};
