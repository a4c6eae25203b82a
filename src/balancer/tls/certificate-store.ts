/**
 * Certificates of all listeners, loaded once for each pair of paths, and again when a file changes. A
 * change that is no good is refused with the path, and what was there is served on.
 */
import { unwatchFile, watchFile } from 'node:fs';
import type { Certificate, CertificatePaths } from './certificate.ts';
import { loadCertificate } from './certificate.ts';

/** Files are asked, not watched: symbolic links that certbot and Kubernetes turn are seen only so. */
const POLL_MS = 2_000;
/** The certificate and its key are two files, and never change in one moment. */
const SETTLE_MS = 500;

interface Entry {
  readonly paths: CertificatePaths;
  certificate: Certificate;
  readonly watch: FileWatch;
}

interface FileWatch {
  /** The files may have changed. */
  readonly look: () => void;
  readonly stop: () => void;
}

const idOf = ({ cert, key }: CertificatePaths): string => `${cert}\0${key}`;

export interface StoreOptions {
  readonly onChange: () => void;
  /** For people: a file has changed and cannot be used. */
  readonly onRefused: (reason: string) => void;
  readonly pollMs?: number;
}

export class CertificateStore {
  readonly #options: StoreOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Those of the files as they are now; changes nothing that is served. Throws CertificateError. */
  load(paths: CertificatePaths): Certificate {
    return loadCertificate(paths, this.#entries.get(idOf(paths))?.certificate);
  }

  /** From now on these are served, and no others. */
  keep(all: readonly { readonly paths: CertificatePaths; readonly certificate: Certificate }[]): void {
    const wanted = new Set(all.map(({ paths }) => idOf(paths)));
    for (const [id, entry] of this.#entries)
      if (!wanted.has(id)) {
        entry.watch.stop();
        this.#entries.delete(id);
      }
    for (const { paths, certificate } of all) {
      const known = this.#entries.get(idOf(paths));
      if (known?.certificate === certificate) continue;
      const entry = known ?? { paths, certificate, watch: this.#watch(paths) };
      entry.certificate = certificate;
      this.#entries.set(idOf(paths), entry);
      // They were read a while ago: who looked at the files meanwhile has told of a change already.
      entry.watch.look();
    }
  }

  /** What is served for these paths. */
  served(paths: CertificatePaths): Certificate | undefined {
    return this.#entries.get(idOf(paths))?.certificate;
  }

  close(): void {
    this.keep([]);
  }

  #watch(paths: CertificatePaths): FileWatch {
    let settling: NodeJS.Timeout | undefined;
    const { pollMs = POLL_MS } = this.#options;
    const look = (): void => {
      clearTimeout(settling);
      settling = setTimeout(() => this.#again(paths), Math.min(SETTLE_MS, pollMs)).unref();
    };
    const files = [...new Set([paths.cert, paths.key])];
    for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, look);
    const stop = (): void => {
      clearTimeout(settling);
      for (const file of files) unwatchFile(file, look);
    };
    return { look, stop };
  }

  #again(paths: CertificatePaths): void {
    const entry = this.#entries.get(idOf(paths));
    if (entry === undefined) return;
    try {
      const certificate = loadCertificate(paths, entry.certificate);
      if (certificate === entry.certificate) return;
      entry.certificate = certificate;
    } catch (error) {
      this.#options.onRefused(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#options.onChange();
  }
}
