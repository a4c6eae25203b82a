/** Addresses as people and as Node's errors write them. */
import { getSystemErrorMap } from 'node:util';
import type { ServerHandle, SocketName } from './node-internals.ts';

/** The name of a TCP handle; null for a pipe. */
export const nameOfHandle = (handle: Pick<ServerHandle, 'getsockname'>): SocketName | null => {
  const name: SocketName = {};
  return handle.getsockname?.(name) === 0 && name.address !== undefined ? name : null;
};

/** `127.0.0.1:3000`, `[::]:3000`. */
export const addressText = ({ address = '', port = 0 }: SocketName): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

interface Failure {
  readonly syscall: string;
  readonly errno: number;
  readonly address: string;
  readonly port: number | null;
}

const failure = ({ syscall, errno, address, port }: Failure, withText: boolean): NodeJS.ErrnoException => {
  const [code, text] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', 'unknown error'];
  const hasPort = port !== null && port > 0;
  const where = hasPort ? `${address}:${port}` : address;
  const message = withText ? `${syscall} ${code}: ${text} ${where}` : `${syscall} ${code} ${where}`;
  return Object.assign(new Error(message), { code, errno, syscall, address, ...(hasPort ? { port } : {}) });
};

/** What plain Node emits when `server.listen` fails (its UVExceptionWithHostPort). */
export const listenError = (
  errno: number,
  address: string | null,
  port: number | null,
): NodeJS.ErrnoException => failure({ syscall: 'listen', errno, address: address ?? '::', port }, true);

/** What plain Node emits when a dgram `bind` fails (its ExceptionWithHostPort). */
export const bindError = (errno: number, address: string, port: number): NodeJS.ErrnoException =>
  failure({ syscall: 'bind', errno, address, port }, false);
