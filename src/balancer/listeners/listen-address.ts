/** Addresses of `listen`: `127.0.0.1:8080`, `[::]:443`, `unix:/absolute/path`. */

/** As `net.Server.listen` takes it. */
export type ListenAddress = { readonly path: string } | { readonly host: string; readonly port: number };

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
