/** Certificates as they are named in settings, checked as long as what is wrong can still be told to somebody. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SkeinError } from '../../core/errors.ts';
import type { TlsSettings } from '../../protocol/balance.ts';
import type { FieldType } from '../field.ts';
import type { Place } from '../place.ts';
import { placeText } from '../place.ts';
import { badValue, readFlag, readOneOf, readText } from '../values.ts';

const pair = {
  type: 'object',
  properties: { cert: { type: 'string' }, key: { type: 'string' } },
  required: ['cert', 'key'],
  additionalProperties: false,
} as const;

export const tlsType: FieldType = {
  ts: "TlsConfig | readonly CertificateConfig[] | 'none' | false | null",
  schema: {
    anyOf: [
      {
        type: 'object',
        properties: {
          cert: { type: 'string' },
          key: { type: 'string' },
          certificates: { type: 'array', items: pair },
          minVersion: { enum: ['TLSv1.2', 'TLSv1.3'] },
          http2: { type: 'boolean' },
        },
        additionalProperties: false,
      },
      { type: 'array', items: pair },
      { enum: ['none', false, null] },
    ],
  },
};

const reasonOf = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'is not there';
  return code === 'EACCES' ? 'may not be read by this user' : `cannot be read (${code ?? String(error)})`;
};

const AGAIN = 'certbot renews certificates; docs/tls.md shows how.';

/**
 * @param now Milliseconds since the epoch.
 * @throws SkeinError E_CERTIFICATE: a file is missing, unreadable, no PEM, expired, or they are no pair
 */
export const checkCertificate = (
  place: Place,
  { cert, key }: TlsSettings['certificates'][number],
  now: number = Date.now(),
): void => {
  const fail = (file: string, reason: string, hint: string): SkeinError =>
    new SkeinError('E_CERTIFICATE', { place: placeText(place), file, reason, hint });
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw fail(
        `the file ${file}`,
        reasonOf(error),
        'Check the path, and that the user of Skein may read the file.',
      );
    }
  };
  const parse = <Parsed>(file: string, what: string, parsed: (pem: Buffer) => Parsed): Parsed => {
    const pem = read(file);
    try {
      return parsed(pem);
    } catch {
      throw fail(
        file,
        `is no ${what} in PEM`,
        'Name the files fullchain.pem and privkey.pem, in this order.',
      );
    }
  };
  const certificate = parse(cert, 'certificate', (pem) => new X509Certificate(pem));
  const privateKey = parse(key, 'private key without a passphrase', (pem) => createPrivateKey(pem));
  if (!certificate.checkPrivateKey(privateKey))
    throw fail(
      `the certificate ${cert}`,
      `does not belong to the key ${key}`,
      'Name the two files of one pair.',
    );
  if (Date.parse(certificate.validTo) <= now)
    throw fail(`the certificate ${cert}`, `expired on ${certificate.validTo}`, `Renew it. ${AGAIN}`);
  if (Date.parse(certificate.validFrom) > now)
    throw fail(
      `the certificate ${cert}`,
      `is not valid before ${certificate.validFrom}`,
      'Check the clock of this machine.',
    );
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const EXAMPLE = '{ cert: "fullchain.pem", key: "privkey.pem" }';

/**
 * `{ cert, key }`, a list of these for several names, or `{ certificates, minVersion, http2 }`.
 * Whether the files are good is for `checkCertificate`.
 * @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE
 */
export const readTls = (place: Place, value: unknown, cwd: string): TlsSettings | null => {
  if (value === null || value === false || value === 'none') return null;
  if (!isObject(value) && !Array.isArray(value))
    throw badValue(place, value, 'a certificate and its key', EXAMPLE);
  const fields: Fields = Array.isArray(value) ? { certificates: value as unknown[] } : value;
  const { cert, key, certificates, minVersion = 'TLSv1.2', http2 = true, ...more } = fields;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined)
    throw badValue(place, unknown, 'one of cert, key, certificates, minVersion, http2', EXAMPLE);
  const listed: readonly unknown[] = Array.isArray(certificates) ? certificates : [];
  const written = [...(cert === undefined && key === undefined ? [] : [{ cert, key }]), ...listed];
  const file = (path: unknown): string =>
    resolve(cwd, readText(place, path, 'the path of a PEM file', 'fullchain.pem'));
  const pairs = written.map((one) => {
    if (!isObject(one)) throw badValue(place, one, 'a certificate and its key', EXAMPLE);
    return { cert: file(one['cert']), key: file(one['key']) };
  });
  if (pairs.length === 0) throw badValue(place, value, 'a certificate and its key', EXAMPLE);
  return {
    certificates: pairs,
    minVersion: readOneOf(place, minVersion, ['TLSv1.2', 'TLSv1.3']),
    http2: readFlag(place, http2),
  };
};
