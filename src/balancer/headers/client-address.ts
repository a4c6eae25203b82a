/** Who the client is when there may be proxies in front. */
import type { BlockList } from 'node:net';
import { isIPv6 } from 'node:net';
import { entryAddress } from './address.ts';

/** Whether a proxy with this address is believed. A socket without an address (unix) is not. */
export const isTrusted = (address: string | undefined, trusted: BlockList): boolean =>
  address !== undefined && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/**
 * Walks from the right, where each trusted proxy wrote down who spoke to it, to the first address that
 * is not a trusted proxy's. What stands left of it anybody can have written. An entry that is no address
 * ends the walk: the last one that is known is the answer.
 *
 * `peer`: the other end of the connection, from `toAddress`. `forwardedFor`: entries of X-Forwarded-For.
 */
export const clientAddress = (
  peer: string | undefined,
  forwardedFor: readonly string[],
  trusted: BlockList,
): string | undefined => {
  let client = peer;
  for (let at = forwardedFor.length - 1; at >= 0 && isTrusted(client, trusted); at -= 1) {
    const address = entryAddress(forwardedFor[at] ?? '');
    if (address === undefined) break;
    client = address;
  }
  return client;
};
