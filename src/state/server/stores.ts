/** The stores of a state server, one per app, each with its entries, its limit and its connections. */
import { MemoryStore } from '../engines/memory/store.ts';
import { Subscribers } from './subscribers.ts';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** A connection, as its store sees it. */
export interface Member {
  /** Ends it. Its process connects again, and hears that it may have missed something. */
  cut(reason: string): void;
}

export interface Store {
  readonly memory: MemoryStore;
  readonly subscribers: Subscribers;
  readonly members: Set<Member>;
}

const createStore = (): Store => {
  const subscribers = new Subscribers();
  const memory = new MemoryStore({
    maxBytes: DEFAULT_MAX_BYTES,
    onChange: (change) => subscribers.tell(change),
  });
  return { memory, subscribers, members: new Set() };
};

/** Ends what is in `store`; all but `by` lose their connection. Returns how many entries there were. */
export const dropStore = (store: Store, by: Member): number => {
  const { size } = store.memory;
  store.memory.clear();
  for (const member of store.members) if (member !== by) member.cut('its store was dropped');
  return size;
};

export class Stores {
  readonly #stores = new Map<string, Store>();

  /** The last limit that was given counts. */
  join(name: string, maxBytes: number | undefined, member: Member): Store {
    let store = this.#stores.get(name);
    if (store === undefined) this.#stores.set(name, (store = createStore()));
    if (maxBytes !== undefined) store.memory.limit(maxBytes);
    store.members.add(member);
    return store;
  }

  /** Nobody is connected and nothing is kept. Forgets stores of which that is true. */
  get empty(): boolean {
    for (const [name, { memory, members }] of this.#stores)
      if (members.size === 0 && memory.size === 0) this.#stores.delete(name);
    return this.#stores.size === 0;
  }
}
