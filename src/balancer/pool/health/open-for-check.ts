/** A connection as health checks need it: TLS as far as the upstream has it, and a PROXY header when it wants one. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PoolSettings, UpstreamAddress } from '../../../protocol/balance.ts';

/** `LOCAL` and `UNKNOWN`: the balancer speaks for itself, not for a client (PROXY protocol, section 2). */
const proxyHeaders = {
  v1: Buffer.from('PROXY UNKNOWN\r\n', 'latin1'),
  v2: Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'),
} as const;

/** Rejects with the system's error, that of TLS, or the signal's reason. */
export const openForCheck = async (
  address: UpstreamAddress,
  proxyProtocol: PoolSettings['proxyProtocol'],
  signal: AbortSignal,
): Promise<Socket> => {
  const raw =
    address.kind === 'unix' ? connect(address.path) : connect({ host: address.host, port: address.port });
  let socket: Socket = raw;
  try {
    await once(raw, 'connect', { signal });
    if (proxyProtocol !== null) raw.write(proxyHeaders[proxyProtocol]);
    if (address.kind !== 'tls') return raw;
    const { host, insecure } = address;
    const secure = connectTls({ socket: raw, servername: host, rejectUnauthorized: !insecure });
    socket = secure;
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (error) {
    socket.on('error', () => {});
    raw.on('error', () => {});
    socket.destroy();
    raw.destroy();
    throw error;
  }
};
