/** A node-redis client, sentinel or cluster as a connection. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisConnection, Send } from './connection.ts';
import type { Gap } from './gaps.ts';
import { probeGaps, tellGaps } from './gaps.ts';
import { Link } from './link.ts';
import type { Hear, NodeRedisClient, NodeRedisCluster, NodeRedisSentinel } from './shapes.ts';

export interface Ownership {
  readonly label: string;
  /** Made by Skein: to be connected and closed by it. */
  readonly owned: boolean;
}

/** `close` waits for replies, which a silent server never sends. */
const closeSoon = async (client: {
  readonly isOpen: boolean;
  close(): Promise<unknown>;
  destroy(): unknown;
}): Promise<void> => {
  if (!client.isOpen) return;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([client.close().catch(() => {}), limit]);
  clearTimeout(timer);
  if (client.isOpen) client.destroy();
};

interface Subscriber {
  subscribe(channel: string, hear: Hear): Promise<unknown>;
  pSubscribe(pattern: string, hear: Hear): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  pUnsubscribe(pattern: string): Promise<unknown>;
}

const listening = (
  subscriber: () => Promise<Subscriber>,
): Pick<RedisConnection, 'subscribe' | 'unsubscribe'> => ({
  async subscribe({ kind, name }, hear) {
    const client = await subscriber();
    await (kind === 'channel' ? client.subscribe(name, hear) : client.pSubscribe(name, hear));
  },
  async unsubscribe({ kind, name }) {
    const client = await subscriber();
    await (kind === 'channel' ? client.unsubscribe(name) : client.pUnsubscribe(name));
  },
});

export const overClient = (client: NodeRedisClient, { label, owned }: Ownership): RedisConnection => {
  const link = new Link(client, {
    connect: owned ? () => client.connect() : undefined,
    isReady: () => client.isReady,
  });
  // A connection that has subscribed may send nothing else.
  let subscriber: { readonly client: NodeRedisClient; readonly link: Link } | undefined;
  const gaps = new Set<(gap: Gap) => void>();
  const subscribing = async (): Promise<NodeRedisClient> => {
    if (subscriber === undefined) {
      const own = client.duplicate();
      tellGaps(own, 'reconnecting', (gap) => gaps.forEach((listener) => listener(gap)));
      const ownLink = new Link(own, { connect: () => own.connect(), isReady: () => own.isReady });
      subscriber = { client: own, link: ownLink };
    }
    await subscriber.link.ready();
    return subscriber.client;
  };
  const send: Send = (args) => client.sendCommand([...args]);
  return {
    label,
    many: false,
    connect: () => link.ready(),
    isReady: () => link.isReady(),
    send: (_key, args) => send(args),
    masters: async () => [send],
    ...listening(subscribing),
    onGap: (listener) => gaps.add(listener),
    async close() {
      link.close();
      subscriber?.link.close();
      await Promise.all([
        owned ? closeSoon(client) : undefined,
        subscriber === undefined ? undefined : closeSoon(subscriber.client),
      ]);
    },
  };
};

/** Any of its connections is in trouble, or it goes to another master. */
const signsOfSentinel = ['error', 'client-error', 'reconnecting', 'topology-change'];

export const overSentinel = (client: NodeRedisSentinel, { label, owned }: Ownership): RedisConnection => {
  let subscribed = false;
  const link = new Link(client, {
    connect: owned ? () => client.connect() : undefined,
    isReady: () => client.isReady,
  });
  const send: Send = (args) => client.sendCommand(false, [...args]);
  return {
    label,
    many: false,
    connect: () => link.ready(),
    isReady: () => link.isReady(),
    send: (_key, args) => send(args),
    masters: async () => [send],
    ...listening(async () => {
      subscribed = true;
      return client;
    }),
    onGap: (listener) =>
      probeGaps({ client, signs: signsOfSentinel, wanted: () => subscribed, tell: listener }),
    async close() {
      link.close();
      if (owned) await closeSoon(client);
    },
  };
};

/**
 * A cluster connects to a node when it first needs it, and until then refuses the command unsent: worth
 * a few more tries, 150 ms in all.
 */
const onceConnected = async (send: () => Promise<unknown>): Promise<unknown> => {
  for (let pauseMs = 10; ; pauseMs *= 2) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Error && /client is offline/i.test(error.message)) || pauseMs > 80) throw error;
    }
    await delay(pauseMs);
  }
};

/** Which of the nodes carries the subscriptions is not told. */
const signsOfCluster = ['node-error', 'node-reconnecting', 'node-disconnect'];

export const overCluster = (client: NodeRedisCluster, { label, owned }: Ownership): RedisConnection => {
  let subscribed = false;
  const link = new Link(client, {
    connect: owned ? () => client.connect() : undefined,
    isReady: () => client.isOpen,
  });
  return {
    label,
    many: true,
    connect: () => link.ready(),
    isReady: () => link.isReady(),
    send: (key, args) => onceConnected(() => client.sendCommand(key, false, [...args])),
    masters: () =>
      Promise.all(
        client.masters.map(async (node): Promise<Send> => {
          const one = await client.nodeClient(node as never);
          return (args) => one.sendCommand([...args]);
        }),
      ),
    ...listening(async () => {
      subscribed = true;
      return client;
    }),
    onGap: (listener) =>
      probeGaps({ client, signs: signsOfCluster, wanted: () => subscribed, tell: listener }),
    async close() {
      link.close();
      if (owned) await closeSoon(client);
    },
  };
};
