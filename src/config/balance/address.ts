/** Addresses and networks: where a balancer listens, where upstreams are, whom it trusts. */
import { isIP, isIPv6 } from 'node:net';
import { isAbsolute } from 'node:path';
import type { UpstreamAddress } from '../../protocol/balance.ts';
import type { Place } from '../place.ts';
import { badValue } from '../values.ts';

const portOf = (text: string | undefined): number | undefined => {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
};

/** Longer paths do not fit into a socket's address (unix(7)). */
const LONGEST_SOCKET = 107;

const isSocketPath = (path: string): boolean =>
  isAbsolute(path) && Buffer.byteLength(path) <= LONGEST_SOCKET && !path.includes('\0');

const listenAddress = (text: string): string | undefined => {
  if (text.startsWith('unix:')) return isSocketPath(text.slice(5)) ? text : undefined;
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text) ?? [];
  if (portOf(port) === undefined) return undefined;
  if (six !== undefined) return isIPv6(six) ? text.toLowerCase() : undefined;
  const host = four === 'localhost' ? '127.0.0.1' : (four ?? '');
  return isIP(host) === 4 ? `${host}:${Number(port)}` : undefined;
};

/** `127.0.0.1:8080`, `[::]:443`, `unix:/run/web.sock`. */
export const readListenAddress = (place: Place, value: unknown): string => {
  const address = typeof value === 'string' ? listenAddress(value.trim()) : undefined;
  if (address !== undefined) return address;
  throw badValue(
    place,
    value,
    'an address and a port, or unix: and an absolute path of at most 107 bytes',
    '127.0.0.1:8080 (0.0.0.0:8080 or [::]:8080 for all addresses of this machine)',
  );
};

const isHostName = (host: string): boolean =>
  host.length <= 253 && /^(?!-)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?$/.test(host);

const urlAddress = (text: string): UpstreamAddress | undefined => {
  if (text.startsWith('unix:'))
    return isSocketPath(text.slice(5)) ? { kind: 'unix', path: text.slice(5) } : undefined;
  const [, scheme, insecure, six, name, port] =
    /^(https?)(\+insecure)?:\/\/(?:\[([^\]]+)\]|([^:/?#[\]@]+))(?::(\d+))?\/?$/i.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const host = (six ?? name ?? '').toLowerCase();
  if (six !== undefined ? !isIPv6(host) : isIP(host) === 0 && !isHostName(host)) return undefined;
  const isTls = scheme.toLowerCase() === 'https';
  const number = port === undefined ? (isTls ? 443 : 80) : portOf(port);
  if (number === undefined || (insecure !== undefined && !isTls)) return undefined;
  return isTls
    ? { kind: 'tls', host, port: number, insecure: insecure !== undefined }
    : { kind: 'tcp', host, port: number };
};

/** Whether a word means an upstream and not the name of an app. */
export const isUrl = (word: string): boolean => word.includes('://') || word.startsWith('unix:');

/** `http://10.0.0.7:3000`, `https://…`, `https+insecure://…` (whatever its certificate), `unix:/run/a.sock`. */
export const readUpstream = (place: Place, value: unknown): UpstreamAddress => {
  const address = typeof value === 'string' ? urlAddress(value.trim()) : undefined;
  if (address !== undefined) return address;
  const hasPath = typeof value === 'string' && /^https?:\/\/[^/]+\/./i.test(value);
  throw badValue(
    place,
    value,
    hasPath
      ? 'the address of another server without a path (a route can put one before, with add=/path)'
      : 'the address of another server: http://, https:// or unix:',
    'http://10.0.0.7:3000',
  );
};

export const writeUpstream = (address: UpstreamAddress): string => {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const { kind, host, port } = address;
  const scheme = kind === 'tcp' ? 'http' : address.insecure ? 'https+insecure' : 'https';
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
};

/** `10.0.0.0/8`, `::1`. */
export const readNetwork = (place: Place, value: unknown): string => {
  const [address = '', bits, ...more] = typeof value === 'string' ? value.trim().split('/') : [];
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (family !== 0 && fits && more.length === 0)
    return bits === undefined ? address : `${address}/${Number(bits)}`;
  throw badValue(place, value, 'an address or a network (CIDR)', '10.0.0.0/8');
};
