/**
 * What signs sticky cookies and TLS session tickets. Random, and kept in the home, so that sessions outlive
 * every balancer; or made of a text, which is given to several machines so that they share sessions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../os/atomic-file.ts';
import type { SnapshotKeys } from './snapshot.ts';

/** The variable, of a balancer's app or of Skein itself, that has such a text. */
export const KEY_VARIABLE = 'SKEIN_STICKY_KEY';

/** node:crypto is 1.4 MB of private memory: only for who has a balancer. */
const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

const TICKET_KEYS_BYTES = 48;

/** The same keys for the same text. */
export const keysFromText = (text: string): SnapshotKeys => {
  const derived = (purpose: string, bytes: number): string =>
    Buffer.from(crypto().hkdfSync('sha256', text, '', `skein ${purpose}`, bytes)).toString('base64');
  return { stickyKey: derived('sticky', 32), ticketKeys: derived('tickets', TICKET_KEYS_BYTES) };
};

const isKeys = (value: unknown): value is SnapshotKeys => {
  if (typeof value !== 'object' || value === null) return false;
  const { stickyKey, ticketKeys } = value as Partial<SnapshotKeys>;
  return (
    typeof stickyKey === 'string' &&
    typeof ticketKeys === 'string' &&
    Buffer.from(ticketKeys, 'base64').length === TICKET_KEYS_BYTES
  );
};

const read = (file: string): SnapshotKeys | null => {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isKeys(value) ? { stickyKey: value.stickyKey, ticketKeys: value.ticketKeys } : null;
  } catch {
    return null;
  }
};

/** What a balancer of this home calls itself where its user gave it no name: nobody else's, and the same for all its workers. */
export const pseudonymOf = (keys: SnapshotKeys, balancer: string): string => {
  const own = crypto().hkdfSync('sha256', keys.ticketKeys, '', `skein pseudonym ${balancer}`, 4);
  return `skein-${Buffer.from(own).toString('hex')}`;
};

/** Of this home; made when there are none. `warn`: they cannot be kept. */
export const homeKeys = (dir: string, warn: (text: string) => void): SnapshotKeys => {
  const file = join(dir, 'balancer-keys.json');
  const known = read(file);
  if (known !== null) return known;
  const random = (bytes: number): string => crypto().randomBytes(bytes).toString('base64');
  const keys: SnapshotKeys = { stickyKey: random(32), ticketKeys: random(TICKET_KEYS_BYTES) };
  try {
    replaceFile(file, JSON.stringify(keys));
  } catch (error) {
    warn(`${file} cannot be written, so sessions will not outlive Skein: ${(error as Error).message}`);
  }
  return keys;
};
