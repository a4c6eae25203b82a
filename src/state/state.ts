/** `State` over an engine: checks, encoding, namespaces, and the operations made of several. */
import { SkeinError } from '../core/errors.ts';
import { tellChange, withDecoded } from './changes.ts';
import type { ReadOptions, State, StateChange, StateEntry, UpdateOptions } from './contract.ts';
import { decode, encode } from './encode.ts';
import type { Engine, Entry, Selector } from './engine.ts';
import { namespacePrefix, toInteger, toMs, toTtl, wholeKey } from './limits.ts';
import { StaleReads } from './stale.ts';
import { Queues, updateByCompare } from './update.ts';

export interface StateSettings {
  /** What every key begins with; ends with a colon, or is empty. */
  readonly prefix: string;
  readonly maxValueBytes: number;
}

/** What all namespaces of one state share. */
interface Shared {
  readonly engine: Engine;
  readonly maxValueBytes: number;
  readonly stale: StaleReads;
  readonly queues: Queues;
  /** Who hears of changes, and has to hear that there will be none any more. */
  readonly hearing: Set<(change: StateChange) => void>;
  closing: Promise<void> | undefined;
}

const UPDATE_TIMEOUT_MS = 5_000;

const over = (shared: Shared, prefix: string): State => {
  const { engine, stale, queues } = shared;

  /** The whole key, if there is still an engine to ask. */
  const whole = (operation: string, key: string): string => {
    const name = wholeKey(prefix, key);
    if (shared.closing !== undefined) throw new SkeinError('E_STATE_CLOSED', { operation, key: name });
    return name;
  };
  const encoded = (key: string, value: unknown): string => encode(key, value, shared.maxValueBytes);

  const read = async (
    operation: string,
    key: string,
    options: ReadOptions,
    details: boolean,
  ): Promise<{ entry: Entry | null; staleMs: number }> => {
    const name = whole(operation, key);
    if (options.stale === undefined) return { entry: await engine.get(name, details), staleMs: 0 };
    // Remembered with details, whoever asks next.
    return stale.read(name, toMs('stale', options.stale, { zero: true }), () => engine.get(name, true));
  };

  return {
    engine: engine.name,
    prefix,

    async get<T>(key: string, options: ReadOptions = {}) {
      const { entry } = await read('get', key, options, false);
      return entry === null ? undefined : (decode(key, entry.text) as T);
    },

    async getEntry<T>(key: string, options: ReadOptions = {}): Promise<StateEntry<T> | undefined> {
      const { entry, staleMs } = await read('get', key, options, true);
      if (entry === null) return undefined;
      const { text, version, expiresAt = null } = entry;
      return { value: decode(key, text) as T, version, expiresAt, staleMs };
    },

    async has(key, options = {}) {
      return (await read('has', key, options, false)).entry !== null;
    },

    async set(key, value, options = {}) {
      const name = whole('set', key);
      const text = encoded(name, value);
      const ttl = toTtl(options.ttl, null);
      stale.forget(name);
      return engine.set(name, text, ttl);
    },

    async delete(key) {
      const name = whole('delete', key);
      stale.forget(name);
      return engine.delete(name);
    },

    async increment(key, by = 1, options = {}) {
      const name = whole('increment', key);
      const ttl = options.ttl === undefined ? null : toMs('ttl', options.ttl);
      stale.forget(name);
      return engine.increment(name, toInteger('by', by), ttl);
    },

    async compareAndSet(key, version, value, options = {}) {
      const name = whole('compareAndSet', key);
      const text = encoded(name, value);
      const expected = version === null ? 0 : toInteger('version', version, 1);
      stale.forget(name);
      const written = await engine.compareAndSet(name, expected, text, toTtl(options.ttl, null));
      return written === 0 ? undefined : written;
    },

    async compareAndDelete(key, version) {
      const name = whole('compareAndDelete', key);
      stale.forget(name);
      return (await engine.compareAndSet(name, toInteger('version', version, 1), null, null)) !== 0;
    },

    async expire(key, ttl) {
      const name = whole('expire', key);
      return engine.expire(name, ttl === null ? null : toMs('ttl', ttl));
    },

    async keys(beginning = '') {
      const from = beginning === '' ? prefix : whole('keys', beginning);
      if (beginning === '') whole('keys', '*');
      return (await engine.keys(from)).map((key) => key.slice(prefix.length));
    },

    async update<T>(
      key: string,
      fn: (current: T | undefined) => T | Promise<T>,
      options: UpdateOptions = {},
    ) {
      const name = whole('update', key);
      const ttl = toTtl(options.ttl, 'keep');
      const timeoutMs = options.timeout === undefined ? UPDATE_TIMEOUT_MS : toMs('timeout', options.timeout);
      stale.forget(name);
      const steps = {
        async prepare() {
          const entry = await engine.get(whole('update', key), false);
          const value = await fn(entry === null ? undefined : (decode(key, entry.text) as T));
          return { version: entry?.version ?? 0, value, text: encoded(name, value) };
        },
        commit: async ({ version, text }: { version: number; text: string }) =>
          (await engine.compareAndSet(name, version, text, ttl)) !== 0,
      };
      return updateByCompare<T, Awaited<ReturnType<typeof steps.prepare>>>(name, steps, queues, timeoutMs);
    },

    async subscribe<T>(
      what: string | { readonly prefix: string },
      listener: (change: StateChange<T>) => void,
    ) {
      const selector: Selector =
        typeof what === 'string'
          ? { kind: 'key', name: whole('subscribe', what) }
          : { kind: 'prefix', name: prefix + what.prefix };
      whole('subscribe', '*');
      const hear = (change: StateChange): void => (listener as (change: StateChange) => void)(change);
      const off = await engine.subscribe(selector, (raw) => tellChange(raw, prefix, hear));
      shared.hearing.add(hear);
      return () => {
        shared.hearing.delete(hear);
        return off();
      };
    },

    async publish(topic, value) {
      const name = whole('publish', topic);
      return engine.publish(name, encoded(name, value));
    },

    async listen(topic, listener) {
      return engine.subscribe({ kind: 'topic', name: whole('listen', topic) }, (raw) => {
        if (raw.type === 'message') withDecoded(topic, raw.text, listener);
      });
    },

    namespace: (name) => over(shared, namespacePrefix(prefix, name)),

    async stats() {
      whole('stats', '*');
      return engine.stats();
    },

    close() {
      if (shared.closing === undefined) {
        shared.closing = engine.close();
        for (const hear of shared.hearing) hear({ type: 'away' });
        shared.hearing.clear();
      }
      return shared.closing;
    },
  };
};

/** The state that `engine` keeps, as apps see it. */
export const createStateOver = (engine: Engine, { prefix, maxValueBytes }: StateSettings): State =>
  over(
    {
      engine,
      maxValueBytes,
      stale: new StaleReads(),
      queues: new Queues(),
      hearing: new Set(),
      closing: undefined,
    },
    prefix,
  );
