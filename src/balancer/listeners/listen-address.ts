/** Addresses of `listen`: `127.0.0.1:8080`, `[::]:443`, `unix:/absolute/path`. */

/** As `net.Server.listen` takes it. */
export type ListenAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly ipv6Only?: boolean };

const TCP = /^(?:\[([\da-f:.%\w]+)\]|([^:[\]/]+)):(\d{1,5})$/i;

/** Undefined: it is none. */
export const parseListenAddress = (text: string): ListenAddress | undefined => {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path.startsWith('/') && path.length > 1 ? { path } : undefined;
  }
  const [, host6, host4, digits = ''] = TCP.exec(text) ?? [];
  const host = host6 ?? host4;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
};

/**
 * `[::]:443` takes connections over IPv4 too, as with Node, unless `0.0.0.0:443` is listened on as well:
 * then each is for its own.
 */
export const besideOthers = (address: ListenAddress, others: readonly string[]): ListenAddress =>
  'host' in address && address.host === '::' && others.includes(`0.0.0.0:${address.port}`)
    ? { ...address, ipv6Only: true }
    : address;
