/**
 * Bound, not listening, handles. Only `bind` happens here: a handle on which the holder called
 * `listen` would accept connections in the holder. Workers call `listen` on their copies; a socket
 * that has been put into the listening state stays so while any copy is open, which is why the
 * queue of a dead worker survives it.
 */
import net from 'node:net';
import { constants } from 'node:os';

/** The parts of libuv's handle wraps that are used; Node gives them no types. */
export interface BoundHandle {
  close(callback?: () => void): void;
  getsockname?(out: { address?: string; port?: number; family?: string }): number;
  readonly fd?: number;
}

/** UV_TCP_REUSEPORT of libuv's `enum uv_tcp_flags`; the same number on Node 22, 24 and 26. */
const REUSEPORT = 2;

type CreateServerHandle = (
  address: string | null,
  port: number | null,
  addressType: number | null,
  fd: number | undefined,
  flags?: number,
) => BoundHandle | number;

const createServerHandle = (net as unknown as { _createServerHandle: CreateServerHandle })
  ._createServerHandle;

/** A socket, or the negative libuv error number that says why not. */
export type Bound = BoundHandle | number;

export interface TcpAddress {
  readonly address: string | null;
  readonly port: number;
  /** 4 or 6. */
  readonly family: number;
  readonly flags: number;
}

/**
 * libuv keeps EADDRINUSE of bind(2) for listen(2), which is not called here, and a socket that is
 * not bound would listen on a port of the kernel's choice: so the port is compared.
 */
export const bindTcp = ({ address, port, family, flags }: TcpAddress): Bound => {
  const handle = createServerHandle(address, port, family, undefined, flags);
  if (typeof handle === 'number' || port === 0 || boundPort(handle) === port) return handle;
  handle.close();
  return IN_USE;
};

/**
 * The first of an address's SO_REUSEPORT sockets. SO_REUSEPORT lets every program of this user
 * join in silently, so an exclusive bind goes first: it fails with EADDRINUSE when anybody has the
 * address, and it picks the port when 0 was asked for.
 */
export const bindTcpFirstOfSlots = (wanted: TcpAddress): Bound => {
  const probe = bindTcp(wanted);
  if (typeof probe === 'number') return probe;
  const port = wanted.port === 0 ? boundPort(probe) : wanted.port;
  probe.close();
  return bindTcpSlot({ ...wanted, port });
};

/** A further SO_REUSEPORT socket on an address that is ours already. */
export const bindTcpSlot = (wanted: TcpAddress): Bound =>
  bindTcp({ ...wanted, flags: wanted.flags | REUSEPORT });

export const bindPipe = (path: string): Bound => createServerHandle(path, -1, -1, undefined);

interface UdpHandle extends BoundHandle {
  /** For udp6 Node puts the wrap's `bind6` here. */
  bind(address: string, port: number, flags: number): number;
}

/**
 * The handle inside a dgram socket of Node. `dgram._createSocketHandle` warns (DEP0112) and is gone
 * in Node 26, so the socket's state is found by its shape: its symbol is private.
 */
const udpHandle = (type: string): UdpHandle => {
  // dgram is loaded when the first UDP server asks: most apps have none.
  const dgram = process.getBuiltinModule('node:dgram');
  const socket = dgram.createSocket(type as 'udp4' | 'udp6');
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const state: unknown = Reflect.get(socket, symbol);
    if (typeof state === 'object' && state !== null && 'bindState' in state && 'handle' in state)
      return state.handle as UdpHandle;
  }
  throw new Error('dgram sockets of this Node have no state that is known');
};

export const bindUdp = (address: string | null, port: number, type: string, flags: number): Bound => {
  const handle = udpHandle(type);
  const errno = handle.bind(address ?? (type === 'udp6' ? '::' : '0.0.0.0'), port, flags);
  if (errno === 0) return handle;
  handle.close();
  return errno;
};

const nameOf = (handle: BoundHandle): { address?: string; port?: number } => {
  const out: { address?: string; port?: number } = {};
  handle.getsockname?.(out);
  return out;
};

export const boundPort = (handle: BoundHandle): number => nameOf(handle).port ?? 0;

export const boundAddress = (handle: BoundHandle): string | null => nameOf(handle).address ?? null;

/** EINVAL as libuv numbers it: what `listen({ fd })` gets for a descriptor the app may not have. */
export const INVALID: number = -constants.errno.EINVAL;

/** EACCES. */
export const DENIED: number = -constants.errno.EACCES;

export const IN_USE: number = -constants.errno.EADDRINUSE;
