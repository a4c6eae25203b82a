/** Who of the connections of one store listens to what, and how a change looks on the wire. */
import type { WireChange } from '../../protocol/state-wire.ts';
import type { RawChange, Selector } from '../engine.ts';

export interface Subscriber {
  /** `change` is JSON already, made once for all who hear it. */
  tell(change: string): void;
}

/** What a store can tell; that it is away only its clients know. */
export type StoreChange = Exclude<RawChange, { type: 'missed' | 'away' }>;

const toWire = (change: StoreChange): WireChange => {
  switch (change.type) {
    case 'set':
      return ['s', change.key, change.text, change.version, change.expiresAt];
    case 'expire':
      return ['e', change.key, change.version, change.expiresAt];
    case 'delete':
      return ['d', change.key, change.version, change.reason];
    case 'message':
      return ['m', change.topic, change.text];
  }
};

export class Subscribers {
  readonly #of: Readonly<Record<Selector['kind'], Map<string, Set<Subscriber>>>> = {
    key: new Map(),
    prefix: new Map(),
    topic: new Map(),
  };

  add({ kind, name }: Selector, subscriber: Subscriber): void {
    const map = this.#of[kind];
    const those = map.get(name);
    if (those === undefined) map.set(name, new Set([subscriber]));
    else those.add(subscriber);
  }

  remove({ kind, name }: Selector, subscriber: Subscriber): void {
    const map = this.#of[kind];
    const those = map.get(name);
    those?.delete(subscriber);
    if (those?.size === 0) map.delete(name);
  }

  tell(change: StoreChange): void {
    const hearing = this.#hearing(change);
    if (hearing === undefined) return;
    const text = JSON.stringify(toWire(change));
    for (const subscriber of hearing) subscriber.tell(text);
  }

  /** Each once, whatever it listens by; undefined for nobody, which is the usual case. */
  #hearing(change: StoreChange): Iterable<Subscriber> | undefined {
    const { key, prefix, topic } = this.#of;
    if (change.type === 'message') return topic.get(change.topic);
    const ofKey = key.size === 0 ? undefined : key.get(change.key);
    if (prefix.size === 0) return ofKey;
    const all = new Set(ofKey);
    for (const [beginning, those] of prefix)
      if (change.key.startsWith(beginning)) for (const subscriber of those) all.add(subscriber);
    return all.size === 0 ? undefined : all;
  }
}
