/**
 * Entries in this process: what an app gets that runs alone, and what its tests use. Changes are told
 * after the call that made them has returned, as over a network, so that no listener runs inside a write.
 */
import type { Engine, RawChange } from '../../engine.ts';
import { Listeners } from '../../listeners.ts';
import { MemoryStore } from './store.ts';

export interface MemoryOptions {
  readonly maxBytes: number;
  readonly now?: () => number;
}

export const createMemoryEngine = (options: MemoryOptions): Engine => {
  const listeners = new Listeners();
  const tell = (change: RawChange): void => {
    if (!listeners.empty) queueMicrotask(() => listeners.tell(change));
  };
  const store = new MemoryStore({ ...options, onChange: tell });
  return {
    name: 'memory',
    get: async (key) => store.get(key),
    set: async (key, text, ttl) => store.set(key, text, ttl),
    delete: async (key) => store.delete(key),
    increment: async (key, by, ttl) => store.increment(key, by, ttl),
    compareAndSet: async (key, version, text, ttl) => store.compareAndSet(key, version, text, ttl),
    expire: async (key, ttl) => store.expire(key, ttl),
    keys: async (prefix) => store.keys(prefix),
    publish: async (topic, text) => tell({ type: 'message', topic, text }),
    subscribe: async (selector, listener) => {
      const remove = listeners.add(selector, listener);
      return async () => remove();
    },
    stats: async () => store.stats(),
    close: async () => store.clear(),
  };
};
