/** PROXY protocol headers for upstreams. What is read: read.ts. */
import { isIPv4, isIPv6 } from 'node:net';
import type { ClientConnection } from '../contract.ts';

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

type Ends = Pick<ClientConnection, 'address' | 'port' | 'localAddress' | 'localPort'>;

const zeros = (length: number): number[] => Array.from({ length: Math.max(0, length) }, () => 0);

/** The eight groups of an IPv6 address, as bytes; an IPv4 address as IPv6 has it. */
const bytes6 = (address: string): number[] => {
  const plain = isIPv4(address) ? `::ffff:${address}` : address;
  const [, tail4] = /:(\d+\.\d+\.\d+\.\d+)$/.exec(plain) ?? [];
  const tail = tail4?.split('.').map(Number) ?? [];
  const groups = tail4 === undefined ? plain : plain.slice(0, -tail4.length - 1);
  const [before = '', after] = groups.split('::');
  const toBytes = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((group) => {
          const value = Number.parseInt(group, 16) || 0;
          return [value >> 8, value & 0xff];
        });
  const left = toBytes(before);
  const right = [...toBytes(after ?? ''), ...tail];
  return [...left, ...zeros(16 - left.length - right.length), ...right];
};

const portBytes = (port: number): number[] => [port >> 8, port & 0xff];

/** Version 1 says both addresses in the family of the first; one of each family it cannot say. */
const version1 = ({ address, port, localAddress, localPort }: Ends): Buffer => {
  const family =
    address === undefined || localAddress === undefined
      ? undefined
      : isIPv4(address) && isIPv4(localAddress)
        ? 'TCP4'
        : isIPv6(address) && isIPv6(localAddress)
          ? 'TCP6'
          : undefined;
  const text =
    family === undefined
      ? 'PROXY UNKNOWN\r\n'
      : `PROXY ${family} ${address} ${localAddress} ${port ?? 0} ${localPort ?? 0}\r\n`;
  return Buffer.from(text, 'latin1');
};

const version2 = ({ address, port, localAddress, localPort }: Ends): Buffer => {
  if (address === undefined || localAddress === undefined)
    return Buffer.from([...SIGNATURE, 0x21, 0x00, 0, 0]);
  const ports = [...portBytes(port ?? 0), ...portBytes(localPort ?? 0)];
  if (isIPv4(address) && isIPv4(localAddress)) {
    const addresses = [address, localAddress].flatMap((one) => one.split('.').map(Number));
    return Buffer.from([...SIGNATURE, 0x21, 0x11, 0, 12, ...addresses, ...ports]);
  }
  return Buffer.from([
    ...SIGNATURE,
    0x21,
    0x21,
    0,
    36,
    ...bytes6(address),
    ...bytes6(localAddress),
    ...ports,
  ]);
};

/** The first bytes of a connection that carries this client's requests, and nobody else's. */
export const proxyHeader = (version: 'v1' | 'v2', ends: Ends): Buffer =>
  version === 'v1' ? version1(ends) : version2(ends);
