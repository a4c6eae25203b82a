/** A ready client of ioredis, single, with sentinels or a cluster, as a connection. */
import type { RedisConnection, Send, Target } from './connection.ts';
import type { Gap } from './gaps.ts';
import { tellGaps } from './gaps.ts';
import { Link } from './link.ts';
import type { Hear, IoRedisClient, IoRedisCluster } from './shapes.ts';

type Client = IoRedisClient | IoRedisCluster;

const isCluster = (client: Client): client is IoRedisCluster => 'isCluster' in client && client.isCluster;

const callOf =
  (client: { call(command: string, ...args: string[]): Promise<unknown> }): Send =>
  ([command = '', ...args]) =>
    client.call(command, ...args);

/** The other connection, for subscriptions; ioredis tells all messages by two events. */
class Subscriber {
  readonly client: Client;
  readonly #hear = new Map<string, Hear>();

  constructor(client: Client, onGap: (gap: Gap) => void) {
    this.client = client;
    const tell = (target: string, message: string, channel: string): void =>
      this.#hear.get(target)?.(message, channel);
    client.on('message', (channel: string, message: string) => tell(`channel ${channel}`, message, channel));
    client.on('pmessage', (pattern: string, channel: string, message: string) =>
      tell(`pattern ${pattern}`, message, channel),
    );
    // It reconnects, and subscribes again, by itself.
    client.on('error', () => {});
    tellGaps(client, 'close', onGap);
  }

  async subscribe({ kind, name }: Target, hear: Hear): Promise<void> {
    this.#hear.set(`${kind} ${name}`, hear);
    await (kind === 'channel' ? this.client.subscribe(name) : this.client.psubscribe(name));
  }

  async unsubscribe({ kind, name }: Target): Promise<void> {
    this.#hear.delete(`${kind} ${name}`);
    await (kind === 'channel' ? this.client.unsubscribe(name) : this.client.punsubscribe(name));
  }
}

export const overIoRedis = (client: Client, label: string): RedisConnection => {
  const isReady = (): boolean => client.status === 'ready';
  const link = new Link(client, { connect: undefined, isReady });
  const gaps = new Set<(gap: Gap) => void>();
  let subscriber: Subscriber | undefined;
  const subscribing = (): Subscriber =>
    (subscriber ??= new Subscriber(client.duplicate(), (gap) => gaps.forEach((listener) => listener(gap))));
  const send = callOf(client);
  return {
    label,
    many: isCluster(client),
    connect: () => link.ready(),
    isReady: () => link.isReady(),
    send: (_key, args) => send(args),
    masters: async () => (isCluster(client) ? client.nodes('master').map(callOf) : [send]),
    subscribe: (target, hear) => subscribing().subscribe(target, hear),
    unsubscribe: (target) => subscribing().unsubscribe(target),
    onGap: (listener) => gaps.add(listener),
    async close() {
      link.close();
      subscriber?.client.disconnect();
    },
  };
};
