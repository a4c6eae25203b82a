/** Entries in Redis 7: one server, behind sentinels, or a cluster. */
import { SkeinError } from '../../../core/errors.ts';
import type { Engine, Entry, Listener, Selector, Ttl } from '../../engine.ts';
import { numberError } from '../../integers.ts';
import type { RedisConnection, Send } from './connection.ts';
import { parseEntry, toExpiresAt } from './entry-text.ts';
import type { Asked } from './outcome.ts';
import { Patience } from './patience.ts';
import type { Script } from './scripts.ts';
import { compareScript, deleteScript, expireScript, incrementScript, setScript } from './scripts.ts';
import { channelOf, escapePattern, Subscriptions, topicChannel } from './subscriptions.ts';

export interface RedisEngineOptions {
  readonly timeoutMs: number;
}

const ttlWord = (ttl: Ttl): string => (ttl === null ? 'n' : ttl === 'keep' ? 'k' : String(ttl));

export const createRedisEngine = (connection: RedisConnection, { timeoutMs }: RedisEngineOptions): Engine => {
  const { label } = connection;
  const patience = new Patience({ label, timeoutMs, failFast: !connection.many });
  const subscriptions = new Subscriptions(connection);

  const call = async (asked: Asked, action: () => Promise<unknown>): Promise<unknown> => {
    if (!connection.isReady()) await patience.run({ ...asked, writes: false }, () => connection.connect());
    return patience.run(asked, action);
  };
  const send = (asked: Asked, args: readonly string[]): Promise<unknown> =>
    call(asked, () => connection.send(asked.key, args));
  const masters = async (asked: Asked): Promise<readonly Send[]> =>
    (await call(asked, () => connection.masters())) as readonly Send[];

  const run = async (
    operation: string,
    key: string,
    script: Script,
    args: readonly string[],
  ): Promise<string> => {
    const asked = { operation, key, writes: true };
    const rest = ['1', key, channelOf(key), ...args];
    const reply = await call(asked, () =>
      connection.send(key, ['EVALSHA', script.sha, ...rest]).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return connection.send(key, ['EVAL', script.source, ...rest]);
      }),
    );
    switch (reply) {
      case '!foreign':
        throw new SkeinError('E_STATE_FOREIGN', { key });
      case '!type':
      case '!range':
        throw numberError(key, reply === '!type' ? 'type' : 'range');
      default:
        return String(reply);
    }
  };

  const scan = async (prefix: string, node: Send): Promise<string[]> => {
    const asked = { operation: 'keys', key: prefix, writes: false };
    const found: string[] = [];
    let cursor = '0';
    do {
      const args = ['SCAN', cursor, 'MATCH', `${escapePattern(prefix)}*`, 'COUNT', '1000'];
      const [next, keys] = (await patience.run(asked, () => node(args))) as [string, string[]];
      cursor = next;
      found.push(...keys);
    } while (cursor !== '0');
    return found;
  };

  const withExpiry = async (key: string): Promise<Entry | null> => {
    const asked = { operation: 'get', key, writes: false };
    // Sent together; an entry that expires in between is one that was there.
    const [stored, at] = await Promise.all([send(asked, ['GET', key]), send(asked, ['PEXPIRETIME', key])]);
    return typeof stored === 'string' ? { ...parseEntry(key, stored), expiresAt: toExpiresAt(at) } : null;
  };

  return {
    name: 'redis',
    async get(key, details) {
      if (details) return withExpiry(key);
      const stored = await send({ operation: 'get', key, writes: false }, ['GET', key]);
      return typeof stored === 'string' ? parseEntry(key, stored) : null;
    },
    set: async (key, text, ttl) => Number(await run('set', key, setScript, [text, ttlWord(ttl)])),
    delete: async (key) => (await run('delete', key, deleteScript, [])) === '1',
    increment: async (key, by, ttl) =>
      Number(await run('increment', key, incrementScript, [String(by), ttlWord(ttl)])),
    compareAndSet: async (key, version, text, ttl) =>
      Number(
        await run('compareAndSet', key, compareScript, [
          String(version),
          text === null ? 'd' : 'w',
          text ?? '',
          ttlWord(ttl),
        ]),
      ),
    expire: async (key, ttl) => (await run('expire', key, expireScript, [ttlWord(ttl)])) === '1',
    async keys(prefix) {
      const asked = { operation: 'keys', key: prefix, writes: false };
      const found = await Promise.all((await masters(asked)).map((node) => scan(prefix, node)));
      // A key that moves while it is looked for is seen twice.
      return [...new Set(found.flat())];
    },
    async publish(topic, text) {
      await send({ operation: 'publish', key: topic, writes: true }, ['PUBLISH', topicChannel(topic), text]);
    },
    subscribe: async (selector: Selector, listener: Listener) => {
      const asked = { operation: 'subscribe', key: selector.name, writes: false };
      let adding: Promise<() => Promise<void>> | undefined;
      try {
        return (await call(
          asked,
          () => (adding = subscriptions.add(selector, listener)),
        )) as () => Promise<void>;
      } catch (error) {
        // If it comes about after all, nobody wants it any more.
        adding?.then((off) => off()).catch(() => {});
        throw error;
      }
    },
    async stats() {
      const asked = { operation: 'stats', key: '*', writes: false };
      const nodes = await masters(asked);
      const texts = await Promise.all(
        nodes.map((node) => patience.run(asked, () => node(['INFO', 'stats']))),
      );
      const evicted = texts.map((text) => Number(/^evicted_keys:(\d+)/m.exec(String(text))?.[1] ?? 0));
      return { engine: 'redis', evictions: evicted.reduce((sum, count) => sum + count, 0) };
    },
    close: () => connection.close(),
  };
};
