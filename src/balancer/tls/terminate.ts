/**
 * TLS of one listener. A new terminator is made whenever anything about it changes; handshakes that have
 * begun end by the one they began with.
 */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { TlsSettings } from '../../protocol/balance.ts';
import type { Certificate } from './certificate.ts';
import { byServerName } from './server-names.ts';

export interface TerminatorOptions {
  readonly settings: TlsSettings;
  /** In the order of `settings.certificates`; at least one. */
  readonly certificates: readonly Certificate[];
  /** 48 bytes, the same in all workers: who comes back resumes its session with any of them. */
  readonly ticketKeys: Buffer;
}

/**
 * Begins the handshake of a connection of which nothing was read, or what was read is put back. Its
 * event 'secure' says that it is complete; one that fails is destroyed.
 */
export type Terminate = (socket: Socket) => TLSSocket;

/**
 * Forward secrecy and authenticated encryption only (RFC 9325, section 4.2). The client chooses the order:
 * without AES in hardware ChaCha20 is faster.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Throws what OpenSSL says of a certificate it does not take. */
export const createTerminator = ({ settings, certificates, ticketKeys }: TerminatorOptions): Terminate => {
  const contexts = certificates.map(({ cert, key, names }) => ({
    names,
    value: createSecureContext({
      cert,
      key,
      minVersion: settings.minVersion,
      ciphers: CIPHERS,
      honorCipherOrder: false,
      ticketKeys,
      // Node's own default differs from process to process by its arguments.
      sessionIdContext: createHash('sha256').update(ticketKeys).digest('hex').slice(0, 32),
    }),
  }));
  const [first] = contexts;
  if (first === undefined) throw new Error('no certificate');
  const find = byServerName<SecureContext>(contexts);
  const options = {
    isServer: true,
    secureContext: first.value,
    ALPNProtocols: settings.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    // Undefined, for a name of no certificate: the first one, as for clients that name none.
    SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void): void =>
      done(null, find(name)),
  };
  return (socket) => new TLSSocket(socket, options);
};
