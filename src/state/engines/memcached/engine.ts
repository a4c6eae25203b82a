/**
 * Entries in Memcached, as far as a cache needs them: it has no versions of its own, no list of keys
 * and no subscriptions. An entry is `version|expiresAt|json`: Memcached counts time in whole seconds.
 */
import { createHash } from 'node:crypto';
import { SkeinError } from '../../../core/errors.ts';
import type { Engine, Entry, Ttl } from '../../engine.ts';

/** What is used of a memjs client. */
export interface MemcachedClient {
  get(key: string): Promise<{ readonly value: Buffer | null }>;
  set(key: string, value: string, options: { expires: number }): Promise<boolean>;
  add(key: string, value: string, options: { expires: number }): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  stats(callback: (error: Error | null, server: string, stats: Record<string, string> | null) => void): void;
  close(): void;
}

export interface MemcachedOptions {
  readonly client: MemcachedClient;
  /** For messages. */
  readonly label: string;
  readonly servers: number;
}

const MONTH_S = 30 * 86_400;

/** Longer ones are times of day to Memcached. 0: for ever. */
const toExpires = (ttl: number | null): number => {
  if (ttl === null) return 0;
  const seconds = Math.ceil(ttl / 1000);
  return seconds > MONTH_S ? Math.ceil(Date.now() / 1000) + seconds : seconds;
};

/** Memcached's limit is 250 bytes, without spaces and control characters. */
const toMemcachedKey = (key: string): string =>
  /^[!-~]{1,250}$/.test(key) ? key : `skein-sha256:${createHash('sha256').update(key).digest('base64url')}`;

const parse = (key: string, stored: string): Entry | null => {
  const [, version, at, text] = /^(\d{1,16})\|(\d+)\|(.*)$/s.exec(stored) ?? [];
  if (version === undefined || text === undefined) throw new SkeinError('E_STATE_FOREIGN', { key });
  const expiresAt = at === '0' ? null : Number(at);
  return expiresAt !== null && expiresAt <= Date.now() ? null : { version: Number(version), text, expiresAt };
};

let lastVersion = 0;

/** Of this process's clock in microseconds, which other machines follow as far as their clocks agree. */
const nextVersion = (): number => {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  lastVersion = Math.max(lastVersion + 1, micros);
  return lastVersion;
};

export const createMemcachedEngine = ({ client, label, servers }: MemcachedOptions): Engine => {
  const cannot = (what: string): Promise<never> =>
    Promise.reject(new SkeinError('E_STATE_CANNOT', { engine: 'Memcached', what }));

  const ask = async <T>(
    operation: string,
    key: string,
    writes: boolean,
    send: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (/value too large/i.test(reason))
        throw new SkeinError(
          'E_STATE_TOO_LARGE',
          { key, size: 'too many', limit: 'Memcached' },
          { cause: error },
        );
      const details = { operation, key, engine: label, reason };
      // A connection that was refused has carried nothing.
      const sent = writes && !/ECONNREFUSED|ENOTFOUND|connecting to server/.test(reason);
      throw new SkeinError(sent ? 'E_STATE_IN_DOUBT' : 'E_STATE_AWAY', details, { cause: error });
    }
  };

  const write = async (how: 'set' | 'add', key: string, text: string, ttl: Ttl): Promise<number> => {
    if (ttl === 'keep') return cannot('keep a time to live');
    const version = nextVersion();
    const stored = `${version}|${ttl === null ? 0 : Date.now() + ttl}|${text}`;
    const written = await ask(how, key, true, () =>
      client[how](toMemcachedKey(key), stored, { expires: toExpires(ttl) }),
    );
    return written ? version : 0;
  };

  const read = async (key: string): Promise<Entry | null> => {
    const { value } = await ask('get', key, false, () => client.get(toMemcachedKey(key)));
    return value === null ? null : parse(key, value.toString());
  };

  return {
    name: 'memcached',
    get: read,
    set: (key, text, ttl) => write('set', key, text, ttl),
    delete: (key) => ask('delete', key, true, () => client.delete(toMemcachedKey(key))),
    increment: () => cannot('increment'),
    async compareAndSet(key, version, text, ttl) {
      if (version !== 0 || text === null) return cannot('compare versions');
      const written = await write('add', key, text, ttl);
      if (written !== 0 || (await read(key)) !== null) return written;
      // Over, but within the second that Memcached keeps it.
      await ask('delete', key, true, () => client.delete(toMemcachedKey(key)));
      return write('add', key, text, ttl);
    },
    expire: () => cannot('change a time to live'),
    keys: () => cannot('list keys'),
    publish: () => cannot('publish'),
    subscribe: () => cannot('tell changes'),
    stats: () =>
      ask('stats', '*', false, () => {
        const all: Record<string, string>[] = [];
        let heard = 0;
        return new Promise((resolve, reject) => {
          client.stats((error, _server, stats) => {
            heard += 1;
            if (error !== null) return reject(error);
            all.push(stats ?? {});
            if (heard < servers) return;
            const evictions = all.reduce((sum, { evictions = '0' }) => sum + Number(evictions), 0);
            resolve({ engine: 'memcached', evictions });
          });
        });
      }),
    close: async () => client.close(),
  };
};
