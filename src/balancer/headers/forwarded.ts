/** Tells the upstream who the client is and how it came: X-Forwarded-*, X-Real-IP, Forwarded (RFC 7239). */
import { isIPv6 } from 'node:net';
import type { RawHeaders } from './raw-headers.ts';
import { listOf, valuesOf, withoutNames } from './raw-headers.ts';

export interface Arrival {
  /** The other end of the connection, from `toAddress`; undefined for a unix socket. */
  readonly peer: string | undefined;
  /** The peer is a trusted proxy: what it says is kept and added to. */
  readonly trusted: boolean;
  /** From `clientAddress`. */
  readonly client: string | undefined;
  readonly tls: boolean;
  /** The request's Host; undefined with HTTP/1.0. */
  readonly host: string | undefined;
  /** The port clients connect to here; undefined for a unix socket. */
  readonly port: number | undefined;
}

/** Frameworks turn `X_Real_IP` into the same variable as `X-Real-IP`, so they are one name here. */
const canonical = (name: string): string => (name.includes('_') ? name.replaceAll('_', '-') : name);

const isManaged = (name: string): boolean =>
  name === 'x-real-ip' || name === 'forwarded' || name.startsWith('x-forwarded-');

/** Set anew in any case; a trusted proxy's other X-Forwarded-* lines stay as they are. */
const isReplaced = (name: string): boolean =>
  name === 'x-real-ip' || name === 'forwarded' || name === 'x-forwarded-for';

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const quoted = (value: string): string =>
  TOKEN.test(value) ? value : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** One element of Forwarded. */
export const forwardedElement = ({ peer, tls, host }: Arrival): string => {
  const node = peer === undefined ? 'unknown' : isIPv6(peer) ? `[${peer}]` : peer;
  const by = host === undefined || host === '' ? '' : `;host=${quoted(host)}`;
  return `for=${quoted(node)}${by};proto=${tls ? 'https' : 'http'}`;
};

/**
 * Headers without hop-by-hop ones in, the same with those about the client at the end out. From an
 * untrusted peer no line about the client survives, however it is spelt. `Forwarded` is written only when
 * asked for, and else not passed on either: two headers that contradict each other are an attack.
 */
export const withForwarded = (raw: RawHeaders, arrival: Arrival, forwarded = false): string[] => {
  const { peer, trusted, client, tls, host, port } = arrival;
  const kept = withoutNames(raw, (name) => {
    const plain = canonical(name);
    return isManaged(plain) && (!trusted || isReplaced(plain) || plain !== name);
  });
  const chain = trusted ? listOf(raw, 'x-forwarded-for') : [];
  if (peer !== undefined) chain.push(peer);
  const absent = (name: string): boolean => !trusted || valuesOf(kept, name).length === 0;
  if (chain.length > 0) kept.push('X-Forwarded-For', chain.join(', '));
  if (absent('x-forwarded-proto')) kept.push('X-Forwarded-Proto', tls ? 'https' : 'http');
  if (host !== undefined && absent('x-forwarded-host')) kept.push('X-Forwarded-Host', host);
  if (port !== undefined && absent('x-forwarded-port')) kept.push('X-Forwarded-Port', String(port));
  if (client !== undefined) kept.push('X-Real-IP', client);
  if (forwarded) {
    const before = trusted ? valuesOf(raw, 'forwarded') : [];
    kept.push('Forwarded', [...before, forwardedElement(arrival)].join(', '));
  }
  return kept;
};
