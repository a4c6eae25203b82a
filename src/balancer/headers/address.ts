/** IP addresses as sockets and headers spell them. */
import { isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Without zone and brackets; an IPv4 address in IPv6 clothes as IPv4. Undefined: not an address. */
export const toAddress = (text: string): string | undefined => {
  const zone = text.indexOf('%');
  const bare = zone === -1 ? text : text.slice(0, zone);
  const version = isIP(bare);
  if (version === 0 || (zone !== -1 && version === 4)) return undefined;
  return MAPPED.exec(bare)?.[1] ?? bare;
};

const WITH_PORT = /^(?:\[([^\]]*)\](?::\d{1,5})?|([^:]*):\d{1,5})$/;

/** An entry of X-Forwarded-For: an address, which some write in brackets or with a port. */
export const entryAddress = (entry: string): string | undefined => {
  const match = WITH_PORT.exec(entry);
  return toAddress(match?.[1] ?? match?.[2] ?? entry);
};
