/**
 * Entries in the state server of this home. States of one process and store share a connection, which
 * makes itself again when it breaks. When the server itself dies, what it held is gone: subscribers
 * hear `missed`, writes under way E_STATE_IN_DOUBT, and versions are greater than all before.
 */
import { OP } from '../../../protocol/state-wire.ts';
import type { Engine, EngineStats, Entry, Listener, Selector } from '../../engine.ts';
import type { Channel } from './channel.ts';
import type { Dial } from './dial.ts';
import { shareChannel } from './shared.ts';

export interface EmbeddedOptions {
  readonly dial: Dial;
  /** Which server that reaches: states with the same one and the same store share a connection. */
  readonly server: string;
  readonly store: string;
  /** Of the store, from now on; without it the one it has stays. */
  readonly maxBytes?: number;
  /** Of each call. */
  readonly timeoutMs: number;
}

const subscribe = async (
  channel: Channel,
  timeoutMs: number,
  selector: Selector,
  listener: Listener,
): Promise<() => void> => {
  const { kind, name } = selector;
  const { listeners } = channel;
  const remove = listeners.add(selector, listener);
  let on = true;
  const off = (): void => {
    if (!on) return;
    on = false;
    remove();
    if (!listeners.has(selector)) channel.unsubscribe(selector);
  };
  try {
    // Also when others here listen to the same: it has to be in force when this resolves.
    await channel.call(timeoutMs, OP.subscribe, kind, name);
  } catch (error) {
    off();
    throw error;
  }
  return off;
};

export const createEmbeddedEngine = (options: EmbeddedOptions): Engine => {
  const { timeoutMs, maxBytes } = options;
  const { channel, release } = shareChannel(options);
  if (maxBytes !== undefined) channel.limit(maxBytes);
  const subscriptions = new Set<() => void>();
  let closing: Promise<void> | undefined;
  return {
    name: 'embedded',
    get: (key) => channel.call<Entry | null>(timeoutMs, OP.get, key),
    set: (key, text, ttl) => channel.call<number>(timeoutMs, OP.set, key, text, ttl),
    delete: (key) => channel.call<boolean>(timeoutMs, OP.delete, key),
    increment: (key, by, ttl) => channel.call<number>(timeoutMs, OP.increment, key, by, ttl),
    compareAndSet: (key, version, text, ttl) =>
      channel.call<number>(timeoutMs, OP.compareAndSet, key, version, text, ttl),
    expire: (key, ttl) => channel.call<boolean>(timeoutMs, OP.expire, key, ttl),
    keys: (prefix) => channel.call<string[]>(timeoutMs, OP.keys, prefix),
    publish: async (topic, text) => {
      await channel.call(timeoutMs, OP.publish, topic, text);
    },
    async subscribe(selector, listener) {
      const off = await subscribe(channel, timeoutMs, selector, listener);
      subscriptions.add(off);
      return async () => {
        subscriptions.delete(off);
        off();
      };
    },
    stats: () => channel.call<EngineStats>(timeoutMs, OP.stats, ''),
    close() {
      if (closing === undefined) {
        for (const off of subscriptions) off();
        closing = release();
      }
      return closing;
    },
  };
};
