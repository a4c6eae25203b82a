/** A certificate with its key, from PEM files: whether it can be used, and for which names. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  /** PEM, with the chain behind it. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Lower case; `*.example.com` for all names with one label more. */
  readonly names: readonly string[];
  /** Of the files. */
  readonly digest: string;
}

/** `message` says which file, and what about it. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

const read = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CertificateError(`${path} cannot be read (${code})`, { cause: error });
  }
};

const parsed = <T>(path: string, what: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    throw new CertificateError(`${path} has no ${what} in PEM`, { cause: error });
  }
};

const SAN_NAME = /(?:^|, )DNS:([^,\s"]+)/g;

const namesOf = (x509: X509Certificate): string[] => {
  const names = [...(x509.subjectAltName ?? '').matchAll(SAN_NAME)].map(([, name = '']) => name);
  if (names.length === 0) names.push(/^CN=(\S+)$/m.exec(x509.subject)?.[1] ?? '');
  return names.filter((name) => name !== '').map((name) => name.toLowerCase());
};

const day = (text: string): string => new Date(text).toISOString();

/**
 * `before`: what was loaded from these paths; it stays when the files are the same, however late it is.
 * @throws CertificateError it cannot be read or used, is no certificate, has expired, or its key is another's
 */
export const loadCertificate = (
  { cert: certPath, key: keyPath }: CertificatePaths,
  before: Certificate | undefined,
  now: number = Date.now(),
): Certificate => {
  const cert = read(certPath);
  const key = read(keyPath);
  const digest = createHash('sha256').update(cert).update('\0').update(key).digest('base64');
  if (digest === before?.digest) return before;
  const x509 = parsed(certPath, 'certificate', () => new X509Certificate(cert));
  const privateKey = parsed(keyPath, 'private key without a passphrase', () => createPrivateKey(key));
  if (!x509.checkPrivateKey(privateKey))
    throw new CertificateError(`${keyPath} is not the key of the certificate in ${certPath}`);
  if (Date.parse(x509.validTo) <= now)
    throw new CertificateError(`the certificate in ${certPath} has expired on ${day(x509.validTo)}`);
  if (Date.parse(x509.validFrom) > now)
    throw new CertificateError(`the certificate in ${certPath} is valid only from ${day(x509.validFrom)}`);
  // The chain behind the first one, and what OpenSSL asks of keys and signatures.
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`the certificates in ${certPath} cannot be used: ${reason}`, { cause: error });
  }
  return { cert, key, names: namesOf(x509), digest };
};
