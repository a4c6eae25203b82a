/**
 * The PROXY protocol, versions 1 and 2 (haproxy.org/download/3.0/doc/proxy-protocol.txt): who a proxy in
 * front speaks for, before the first byte of the connection itself. Anything but a whole and correct
 * header ends the connection: a byte too many or too few would be the beginning of a request.
 */
import { isIPv4, isIPv6 } from 'node:net';

/** Both ends of the connection that the proxy in front accepted. */
export interface Proxied {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export type ProxyHeader =
  | { readonly is: 'unfinished' }
  | { readonly is: 'bad'; readonly why: string }
  /** `length`: bytes it takes. `proxied` null: the proxy speaks for itself, or does not know for whom. */
  | { readonly is: 'whole'; readonly length: number; readonly proxied: Proxied | null };

const UNFINISHED: ProxyHeader = { is: 'unfinished' };
const bad = (why: string): ProxyHeader => ({ is: 'bad', why });

const V1 = Buffer.from('PROXY ');
const V1_LONGEST = 107;
const V2 = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const V2_FIXED = 16;
/** The length has 16 bits; what is behind the addresses (TLVs) is not read, and nobody sends so much. */
const V2_LONGEST = 4096;

const PORT = /^(?:0|[1-9]\d{0,4})$/;
const LINE = /^PROXY (TCP4|TCP6) (\S+) (\S+) (\S+) (\S+)$/;

const readV1 = (bytes: Buffer): ProxyHeader => {
  const end = bytes.subarray(0, V1_LONGEST).indexOf('\r\n');
  if (end === -1) return bytes.length >= V1_LONGEST ? bad('a line without an end') : UNFINISHED;
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN '))
    return { is: 'whole', length, proxied: null };
  const [, family, address = '', localAddress = '', port = '', localPort = ''] = LINE.exec(line) ?? [];
  if (family === undefined) return bad('a malformed line');
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!isAddress(address) || !isAddress(localAddress) || address.includes('%')) return bad('no address');
  if (![port, localPort].every((one) => PORT.test(one) && Number(one) <= 65_535)) return bad('no port');
  return {
    is: 'whole',
    length,
    proxied: { address, port: Number(port), localAddress, localPort: Number(localPort) },
  };
};

const address4 = (bytes: Buffer, at: number): string => bytes.subarray(at, at + 4).join('.');

const address6 = (bytes: Buffer, at: number): string => {
  const groups: string[] = [];
  for (let group = at; group < at + 16; group += 2) groups.push(bytes.readUInt16BE(group).toString(16));
  // The URL parser knows the short form (RFC 5952).
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
};

const readV2 = (bytes: Buffer): ProxyHeader => {
  if (bytes.length < V2_FIXED) return UNFINISHED;
  const command = bytes[12];
  const family = bytes[13];
  const rest = bytes.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) return bad('an unknown version or command');
  if (rest > V2_LONGEST) return bad('a header that is too long');
  const length = V2_FIXED + rest;
  if (bytes.length < length) return UNFINISHED;
  const whole = (proxied: Proxied | null): ProxyHeader => ({ is: 'whole', length, proxied });
  if (command === 0x20) return whole(null);
  switch (family) {
    case 0x00:
      return whole(null);
    case 0x11:
      if (rest < 12) return bad('addresses that are cut off');
      return whole({
        address: address4(bytes, 16),
        localAddress: address4(bytes, 20),
        port: bytes.readUInt16BE(24),
        localPort: bytes.readUInt16BE(26),
      });
    case 0x21:
      if (rest < 36) return bad('addresses that are cut off');
      return whole({
        address: address6(bytes, 16),
        localAddress: address6(bytes, 32),
        port: bytes.readUInt16BE(48),
        localPort: bytes.readUInt16BE(50),
      });
    case 0x31:
      return rest < 216 ? bad('addresses that are cut off') : whole(null);
    default:
      return bad('an unknown family');
  }
};

const beginsLike = (bytes: Buffer, signature: Buffer): boolean => {
  const length = Math.min(bytes.length, signature.length);
  return bytes.compare(signature, 0, length, 0, length) === 0;
};

/** `bytes`: all that has come, from the connection's first on. */
export const readProxyHeader = (bytes: Buffer): ProxyHeader => {
  if (bytes.length === 0) return UNFINISHED;
  if (beginsLike(bytes, V2)) return readV2(bytes);
  if (beginsLike(bytes, V1)) return readV1(bytes);
  return bad('no PROXY protocol');
};
