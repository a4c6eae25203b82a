/**
 * What a server speaks, told by its methods: importing https, tls or http2 only to ask
 * `instanceof` would load them into every worker.
 */
import type { Listening } from '../protocol/worker.ts';

export type ServerKind = Exclude<Listening['kind'], 'udp'>;

export const kindOfServer = (server: object): ServerKind => {
  // Http2Server and Http2SecureServer; the latter has all of the methods below too.
  if ('updateSettings' in server) return 'http2';
  const tls = 'setSecureContext' in server;
  if ('closeIdleConnections' in server) return tls ? 'https' : 'http';
  return tls ? 'tls' : 'net';
};

/** Whether connections arrive decrypted by 'secureConnection' instead of 'connection'. */
export const isSecure = (server: object): boolean => 'setSecureContext' in server;
