/** An engine that is loaded when it is first used, so that `createState` need not be awaited. */
import type { Engine, EngineName } from './engine.ts';

export const createLazyEngine = (name: EngineName, open: () => Promise<Engine>): Engine => {
  let opening: Promise<Engine> | undefined;
  const engine = (): Promise<Engine> => (opening ??= open());
  return {
    name,
    get: async (key, details) => (await engine()).get(key, details),
    set: async (key, text, ttl) => (await engine()).set(key, text, ttl),
    delete: async (key) => (await engine()).delete(key),
    increment: async (key, by, ttl) => (await engine()).increment(key, by, ttl),
    compareAndSet: async (key, version, text, ttl) => (await engine()).compareAndSet(key, version, text, ttl),
    expire: async (key, ttl) => (await engine()).expire(key, ttl),
    keys: async (prefix) => (await engine()).keys(prefix),
    publish: async (topic, text) => (await engine()).publish(topic, text),
    subscribe: async (selector, listener) => (await engine()).subscribe(selector, listener),
    stats: async () => (await engine()).stats(),
    close: async () => {
      // What was never opened, or could not be, has nothing to close.
      await (await opening?.catch(() => undefined))?.close();
    },
  };
};
