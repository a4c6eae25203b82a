/**
 * Bound, not listening, handles. Only `bind` happens here: a handle on which the holder called
 * `listen` would accept connections in the holder. Workers call `listen` on their copies; a socket
 * that has been put into the listening state stays so while any copy is open, which is why the
 * queue of a dead worker survives it.
 */
import { createRequire } from 'node:module';
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

/** A file descriptor the holder was started with (systemd socket activation). */
export const openFd = (fd: number): Bound => createServerHandle(null, null, null, fd);

type CreateSocketHandle = (
  address: string | null,
  port: number | null,
  type: string,
  fd: number,
  flags: number,
) => BoundHandle | number;

export const bindUdp = (address: string | null, port: number, type: string, flags: number): Bound => {
  // dgram is loaded when the first UDP server asks: most apps have none.
  const dgram = createRequire(import.meta.url)('node:dgram') as { _createSocketHandle: CreateSocketHandle };
  return dgram._createSocketHandle(address, port, type, -1, flags);
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

const IN_USE: number = -constants.errno.EADDRINUSE;
