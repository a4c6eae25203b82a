/** All of TLS in a balancer; loaded only when a listener has it. */
import type { BalancerSnapshot, ListenSettings } from '../../protocol/balance.ts';
import { serveHttp2 } from '../client/h2.ts';
import type { Serve } from '../listeners/acceptor.ts';
import { listenPlace } from '../listeners/listeners.ts';
import { SnapshotRefused } from '../refused.ts';
import type { Certificate, CertificatePaths } from './certificate.ts';
import { CertificateError } from './certificate.ts';
import { CertificateStore } from './certificate-store.ts';
import type { Terminate } from './terminate.ts';
import { createTerminator } from './terminate.ts';

type Listening = Pick<BalancerSnapshot, 'listen' | 'ticketKeys'>;

interface Loaded {
  readonly paths: CertificatePaths;
  readonly certificate: Certificate;
}

/** A snapshot's certificates and terminators, by the address of the listener. */
export interface Prepared {
  readonly terminators: ReadonlyMap<string, Terminate>;
  readonly loaded: readonly Loaded[];
}

const TICKET_KEY_BYTES = 48;

const ticketKeysOf = (text: string): Buffer => {
  const keys = Buffer.from(text, 'base64');
  if (keys.length !== TICKET_KEY_BYTES)
    throw new SnapshotRefused('balancer', `its keys for session tickets have ${keys.length} bytes, not 48`);
  return keys;
};

export interface TlsSideOptions {
  /** Certificates have changed: `terminator` answers differently. */
  readonly onChange: () => void;
  /** For people. */
  readonly onRefused: (reason: string) => void;
  readonly pollMs?: number;
}

export class TlsSide {
  readonly http2: Serve = serveHttp2;
  readonly #store: CertificateStore;

  constructor(options: TlsSideOptions) {
    this.#store = new CertificateStore(options);
  }

  /** Changes nothing. Throws SnapshotRefused with the place of the certificate. */
  prepare({ listen, ticketKeys }: Listening): Prepared {
    const keys = ticketKeysOf(ticketKeys);
    const loaded: Loaded[] = [];
    const terminators = new Map<string, Terminate>();
    for (const [at, { address, tls: settings }] of listen.entries()) {
      if (settings === null) continue;
      const place = `${listenPlace(at)}.tls`;
      if (settings.certificates.length === 0) throw new SnapshotRefused(place, 'it has no certificate');
      const certificates = settings.certificates.map((paths, index) => {
        const certificate = this.#load(paths, `${place}.certificates[${index}]`);
        loaded.push({ paths, certificate });
        return certificate;
      });
      try {
        terminators.set(address, createTerminator({ settings, certificates, ticketKeys: keys }));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SnapshotRefused(place, `its certificates cannot be used: ${reason}`, { cause: error });
      }
    }
    return { terminators, loaded };
  }

  #load(paths: CertificatePaths, place: string): Certificate {
    try {
      return this.#store.load(paths);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      throw new SnapshotRefused(place, error.message, { cause: error });
    }
  }

  /** These are served, and their files watched. */
  commit({ loaded }: Prepared): void {
    this.#store.keep(loaded);
  }

  /** Of what is served now. */
  terminator({ tls: settings }: ListenSettings, ticketKeys: string): Terminate | null {
    if (settings === null) return null;
    const certificates = settings.certificates.map((paths) => this.#store.served(paths));
    if (!certificates.every((one) => one !== undefined)) return null;
    return createTerminator({ settings, certificates, ticketKeys: ticketKeysOf(ticketKeys) });
  }

  close(): void {
    this.#store.close();
  }
}
