import type { UpstreamAddress } from '../../protocol/balance.ts';

/** An address as people write it, which is also the place of an upstream that is no worker of this Skein. */
export const textOf = (address: UpstreamAddress): string => {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.kind === 'tls' ? 'https://' : ''}${host}:${address.port}`;
};
