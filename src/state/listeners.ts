/**
 * Who listens to what, inside one process: an engine tells every change once, and each listener
 * hears what it selected.
 */
import type { Listener, RawChange, Selector } from './engine.ts';

const bucketOf = (map: Map<string, Set<Listener>>, name: string): Set<Listener> => {
  let bucket = map.get(name);
  if (bucket === undefined) map.set(name, (bucket = new Set()));
  return bucket;
};

export class Listeners {
  readonly #of: Readonly<Record<Selector['kind'], Map<string, Set<Listener>>>> = {
    key: new Map(),
    prefix: new Map(),
    topic: new Map(),
  };

  /** The same function may listen several times; each adding is taken off on its own. */
  add({ kind, name }: Selector, listener: Listener): () => void {
    const own: Listener = (change) => listener(change);
    bucketOf(this.#of[kind], name).add(own);
    return () => {
      const bucket = this.#of[kind].get(name);
      bucket?.delete(own);
      if (bucket?.size === 0) this.#of[kind].delete(name);
    };
  }

  has({ kind, name }: Selector): boolean {
    return this.#of[kind].has(name);
  }

  /** Everything that somebody listens to. */
  selectors(): Selector[] {
    return (['key', 'prefix', 'topic'] as const).flatMap((kind) =>
      [...this.#of[kind].keys()].map((name) => ({ kind, name })),
    );
  }

  get empty(): boolean {
    return this.#of.key.size + this.#of.prefix.size + this.#of.topic.size === 0;
  }

  tell(change: RawChange): void {
    for (const listener of this.#heardBy(change)) listener(change);
  }

  #heardBy(change: RawChange): Listener[] {
    const { key, prefix, topic } = this.#of;
    switch (change.type) {
      case 'message':
        return [...(topic.get(change.topic) ?? [])];
      case 'away':
      case 'missed':
        return [key, prefix].flatMap((map) => [...map.values()].flatMap((bucket) => [...bucket]));
      case 'set':
      case 'expire':
      case 'delete':
        return [
          ...(key.get(change.key) ?? []),
          ...[...prefix]
            .filter(([beginning]) => change.key.startsWith(beginning))
            .flatMap(([, bucket]) => [...bucket]),
        ];
    }
  }
}
