/** From an address, or a client that is there already, to an engine. Loads node-redis only here. */
import { SkeinError } from '../../../core/errors.ts';
import type { Engine } from '../../engine.ts';
import type { RedisAddress } from '../../state-url.ts';
import type { RedisConnection } from './connection.ts';
import { createRedisEngine } from './engine.ts';
import { reconnectMs } from './link.ts';
import { overIoRedis } from './over-ioredis.ts';
import { overClient, overCluster, overSentinel } from './over-node-redis.ts';
import type {
  IoRedisClient,
  IoRedisCluster,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClientLike,
} from './shapes.ts';

const loadRedis = async (label: string): Promise<typeof import('redis')> => {
  try {
    return await import('redis');
  } catch (error) {
    throw new SkeinError(
      'E_STATE_ENGINE',
      {
        what: label,
        reason: 'the package redis could not be loaded',
        hint: '`npm install redis@6` in the app, or pass a ready client.',
      },
      { cause: error },
    );
  }
};

/** A connection that is silent for so long although it was pinged is given up and made anew. */
const silenceMs = (timeoutMs: number): number => Math.max(2 * timeoutMs, 2_000);

const connectTo = async (address: RedisAddress, timeoutMs: number): Promise<RedisConnection> => {
  const { createClient, createCluster, createSentinel } = await loadRedis(address.label);
  const { label, username, password, tls } = address;
  const ownership = { label, owned: true };
  const shared = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database: address.database,
    // A command that waits in a queue would be done long after its caller was told that it failed.
    disableOfflineQueue: true,
    pingInterval: silenceMs(timeoutMs) / 4,
  };
  const socket = {
    connectTimeout: timeoutMs,
    socketTimeout: silenceMs(timeoutMs),
    reconnectStrategy: reconnectMs,
    ...(tls ? { tls: true as const } : {}),
  };
  const nodes = address.nodes.map(({ host, port }) => ({ socket: { ...socket, host, port } }));
  switch (address.kind) {
    case 'single':
      return overClient(createClient({ ...shared, ...(nodes[0] ?? { socket }) }), ownership);
    case 'unix':
      return overClient(createClient({ ...shared, socket: { ...socket, path: address.path } }), ownership);
    case 'sentinel':
      return overSentinel(
        createSentinel({
          name: address.name,
          sentinelRootNodes: address.nodes.map(({ host, port }) => ({ host, port })),
          nodeClientOptions: { ...shared, socket },
          sentinelClientOptions: { socket },
          scanInterval: 1_000,
          // It would send again what was sent when a connection broke, and so count twice.
          maxCommandRediscovers: 0,
          // Without it, calls that come together when none is under way wait for one another, and some
          // of them for as long as there are others.
          reserveClient: true,
        }),
        ownership,
      );
    case 'cluster':
      return overCluster(
        createCluster({
          rootNodes: nodes.map((node) => ({ ...shared, ...node })),
          defaults: { ...shared, socket },
        }),
        ownership,
      );
  }
};

const has = (client: object, ...names: readonly string[]): boolean =>
  names.every((name) => typeof (client as Record<string, unknown>)[name] === 'function');

const LABEL = 'Redis (a client of the app)';

/** Throws E_STATE_ENGINE for what is no client that is known. */
const overReady = (client: RedisClientLike): RedisConnection => {
  const ownership = { label: LABEL, owned: false };
  if (has(client, 'call', 'psubscribe')) return overIoRedis(client as IoRedisClient | IoRedisCluster, LABEL);
  if (has(client, 'sendCommand', 'nodeClient')) return overCluster(client as NodeRedisCluster, ownership);
  if (has(client, 'sendCommand', 'getMasterNode'))
    return overSentinel(client as NodeRedisSentinel, ownership);
  if (has(client, 'sendCommand', 'duplicate', 'pSubscribe'))
    return overClient(client as NodeRedisClient, ownership);
  throw new SkeinError('E_STATE_ENGINE', {
    what: 'The client',
    reason: 'it is neither one of node-redis nor one of ioredis',
    hint: 'Pass what createClient() of redis or new Redis() of ioredis gives, or a url.',
  });
};

export const openRedis = async (address: RedisAddress, timeoutMs: number): Promise<Engine> =>
  createRedisEngine(await connectTo(address, timeoutMs), { timeoutMs });

/** Throws E_STATE_ENGINE. */
export const useRedis = (client: RedisClientLike, timeoutMs: number): Engine =>
  createRedisEngine(overReady(client), { timeoutMs });
