/**
 * The parts of Node's own objects that the seam touches and that have no public types. Each is
 * there on Node 22, 24 and 26 (lib/net.js, lib/dgram.js, lib/internal/child_process.js); the
 * integration tests run on all three and fail when one is not.
 */
import type dgram from 'node:dgram';
import type net from 'node:net';

export interface SocketName {
  address?: string;
  port?: number;
  family?: string;
}

/** What `server._handle` is: a TCP or pipe wrap of libuv. */
export interface ServerHandle {
  listen(backlog: number): number;
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
  getsockname?(out: SocketName): number;
  fchmod?(mode: number): number;
  onconnection?: unknown;
}

/** What a dgram socket keeps behind its state symbol. */
export interface UdpHandle {
  recvStart(): number;
  recvStop(): number;
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
  hasRef(): boolean;
  lookup(address: string, callback: (error: Error | null, ip: string) => void): void;
}

/** Any handle that comes over IPC. */
export type ReceivedHandle = ServerHandle | UdpHandle;

export interface ServerInternals {
  _handle: ServerHandle | null;
  _connections: number;
  _listeningId: number;
  _unref?: boolean;
  _pipeName?: string;
  _emitCloseIfDrained(): void;
  _getServerData?(): unknown;
  _setServerData?(data: unknown): void;
  _listen2: Listen2;
}

/** `net.Server.prototype._listen2`, where every listen of a server ends up. */
export type Listen2 = (
  this: net.Server,
  address: string | null,
  port: number | null,
  addressType: number | null,
  backlog: number | undefined,
  fd: number | undefined,
  flags: number | undefined,
) => void;

export const inside = (server: net.Server): ServerInternals => server as unknown as ServerInternals;

/** libuv's UV_TCP_REUSEPORT, which `listen({ reusePort: true })` sets. */
export const REUSEPORT_FLAG = 2;

export interface UdpState {
  handle: UdpHandle | null;
  /** 0 unbound, 1 binding, 2 bound. */
  bindState: 0 | 1 | 2;
  reuseAddr?: boolean;
  reusePort?: boolean;
  ipv6Only?: boolean;
}

const symbolWith = (object: object, holds: (value: unknown) => boolean): symbol | undefined =>
  Object.getOwnPropertySymbols(object).find((symbol) => holds(Reflect.get(object, symbol)));

/** The state of a dgram socket, found by its shape because its symbol is private. */
export const udpState = (socket: dgram.Socket): UdpState | undefined => {
  const symbol = symbolWith(
    socket,
    (value) => typeof value === 'object' && value !== null && 'bindState' in value,
  );
  return symbol === undefined ? undefined : (Reflect.get(socket, symbol) as UdpState);
};

/**
 * Makes connections of `to` go where those of `from` go: the accept callback, and the private
 * symbol under which Node's callback finds the server that owns the handle.
 */
export const copyAccepting = (from: ServerHandle, to: ServerHandle, server: net.Server): void => {
  to.onconnection = from.onconnection;
  const owner = symbolWith(from, (value) => value === server);
  if (owner !== undefined) Reflect.set(to, owner, server);
};

/** The raw pipe of the IPC channel. */
export interface IpcPipe {
  onread: (this: IpcPipe, chunk: ArrayBuffer | undefined) => void;
  readStop(): void;
}

export const ipcPipe = (): IpcPipe | undefined => {
  const symbol = symbolWith(
    process,
    (value) =>
      typeof value === 'object' && value !== null && typeof Reflect.get(value, 'readStop') === 'function',
  );
  return symbol === undefined ? undefined : (Reflect.get(process, symbol) as IpcPipe);
};
