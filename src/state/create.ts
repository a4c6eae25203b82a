/** `createState`: which engine, from options and environment. */
import { SkeinError } from '../core/errors.ts';
import type { Duration } from '../core/options.ts';
import { parseSize } from '../core/size.ts';
import type { State } from './contract.ts';
import type { Engine } from './engine.ts';
import { openEmbedded } from './engines/embedded/open.ts';
import { createMemoryEngine } from './engines/memory/engine.ts';
import type { RedisClientLike } from './engines/redis/shapes.ts';
import { createLazyEngine } from './lazy-engine.ts';
import { MAX_VALUE_BYTES, namespacePrefix, toMs } from './limits.ts';
import { parseStateUrl } from './state-url.ts';
import { createStateOver } from './state.ts';

export interface StateOptions {
  /** Where to keep it. Default: the environment variable SKEIN_STATE, and without one `memory:`. */
  readonly url?: string;
  /** A ready client of node-redis or ioredis, instead of a url. It stays yours to close. */
  readonly client?: RedisClientLike;
  /** What all keys begin with, before a colon; no colon inside. Default: `skein`. */
  readonly namespace?: string;
  /**
   * For the memory engine and the embedded one, where it is the app's and the last one given counts;
   * above it the least recently used entries go. Default: `64M`.
   */
  readonly maxMemory?: number | string;
  /** Of one value, encoded. Default: `1M`. */
  readonly maxValue?: number | string;
  /** How long to wait for an answer of another process. Default: 2 s. */
  readonly timeout?: Duration;
}

const toBytes = (option: string, value: number | string | undefined, otherwise: number): number => {
  if (value === undefined) return otherwise;
  const bytes = parseSize(value);
  if (bytes !== undefined) return bytes;
  throw new SkeinError('E_BAD_VALUE', { option, value: String(value), expected: 'a size', example: '64M' });
};

const chooseEngine = ({ url, client, maxMemory, timeout }: StateOptions, env: NodeJS.ProcessEnv): Engine => {
  const timeoutMs = timeout === undefined ? 2_000 : toMs('timeout', timeout);
  const maxBytes = toBytes('maxMemory', maxMemory, 64 * 1024 * 1024);
  if (client !== undefined) {
    if (url === undefined)
      return createLazyEngine('redis', async () => {
        const { useRedis } = await import('./engines/redis/open.ts');
        return useRedis(client, timeoutMs);
      });
    throw new SkeinError('E_STATE_ENGINE', {
      what: 'The state',
      reason: 'it got both a url and a client',
      hint: 'Give one of them.',
    });
  }
  const where = parseStateUrl(url ?? (env['SKEIN_STATE'] || 'memory:'));
  switch (where.engine) {
    case 'memory':
      return createMemoryEngine({ maxBytes });
    case 'embedded':
      return openEmbedded(where.address, timeoutMs, maxMemory === undefined ? undefined : maxBytes);
    case 'redis':
      return createLazyEngine('redis', async () => {
        const { openRedis } = await import('./engines/redis/open.ts');
        return openRedis(where.address, timeoutMs);
      });
    case 'memcached':
      return createLazyEngine('memcached', async () => {
        const { openMemcached } = await import('./engines/memcached/open.ts');
        return openMemcached(where.address, timeoutMs);
      });
  }
};

/**
 * State that outlives a request and, inside Skein or over Redis, this process. Returns at once and connects when it
 * is first used. Throws E_STATE_ENGINE, E_STATE_KEY and E_BAD_VALUE for options that cannot be.
 */
export const createState = (options: StateOptions = {}): State =>
  createStateOver(chooseEngine(options, process.env), {
    prefix: namespacePrefix('', options.namespace ?? 'skein'),
    maxValueBytes: toBytes('maxValue', options.maxValue, MAX_VALUE_BYTES),
  });
