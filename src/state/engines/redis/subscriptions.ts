/**
 * Which channels a connection has to listen to for whoever listens in this process: one subscription
 * per selector, however many listeners it has.
 */
import type { Listener, RawChange, Selector } from '../../engine.ts';
import { Listeners } from '../../listeners.ts';
import { Queues } from '../../update.ts';
import type { RedisConnection, Target } from './connection.ts';
import { parseChange } from './entry-text.ts';

const CHANGES = 'skein-change:';
const TOPICS = 'skein-topic:';

/** Where changes of a key are published. */
export const channelOf = (key: string): string => CHANGES + key;

export const topicChannel = (topic: string): string => TOPICS + topic;

/** Of SCAN and PSUBSCRIBE, as text that means itself. */
export const escapePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&');

const targetOf = ({ kind, name }: Selector): Target => {
  switch (kind) {
    case 'key':
      return { kind: 'channel', name: channelOf(name) };
    case 'prefix':
      return { kind: 'pattern', name: `${CHANGES}${escapePattern(name)}*` };
    case 'topic':
      return { kind: 'channel', name: topicChannel(name) };
  }
};

const toRaw = (channel: string, message: string): RawChange | undefined =>
  channel.startsWith(TOPICS)
    ? { type: 'message', topic: channel.slice(TOPICS.length), text: message }
    : parseChange(channel.slice(CHANGES.length), message);

/** Each selector has its own `Listeners`: a change that two of them match arrives twice from Redis. */
interface Subscription {
  readonly listeners: Listeners;
  count: number;
  readonly started: Promise<void>;
}

export class Subscriptions {
  readonly #connection: RedisConnection;
  readonly #active = new Map<string, Subscription>();
  /** To subscribe again has to wait for the end of the unsubscribing. */
  readonly #queues = new Queues();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    connection.onGap((type) => {
      for (const { listeners } of this.#active.values()) listeners.tell({ type });
    });
  }

  async add(selector: Selector, listener: Listener): Promise<() => Promise<void>> {
    const id = `${selector.kind} ${selector.name}`;
    const subscription = this.#active.get(id) ?? this.#start(id, selector);
    const remove = subscription.listeners.add(selector, listener);
    subscription.count += 1;
    let on = true;
    const off = async (): Promise<void> => {
      if (!on) return;
      on = false;
      remove();
      subscription.count -= 1;
      if (subscription.count > 0 || this.#active.get(id) !== subscription) return;
      this.#active.delete(id);
      // What cannot be reached tells nothing any more either.
      await this.#queues.run(id, () => this.#connection.unsubscribe(targetOf(selector))).catch(() => {});
    };
    try {
      await subscription.started;
    } catch (error) {
      await off();
      throw error;
    }
    return off;
  }

  #start(id: string, selector: Selector): Subscription {
    const listeners = new Listeners();
    const hear = (message: string, channel: string): void => {
      const raw = toRaw(channel, message);
      // Not inside the client's own reading: a listener that throws must not break that.
      if (raw !== undefined) queueMicrotask(() => listeners.tell(raw));
    };
    const started = this.#queues.run(id, () => this.#connection.subscribe(targetOf(selector), hear));
    started.catch(() => {});
    const subscription = { listeners, count: 0, started };
    this.#active.set(id, subscription);
    return subscription;
  }
}
