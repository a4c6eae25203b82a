/**
 * Everything this worker listens on, by key, and what of it is told to the supervisor.
 */
import type { Listening, Serving } from '../protocol/worker.ts';

/** One listening address of the app: a server's (server-listener.ts) or a dgram socket's. */
export interface Listener {
  readonly key: string;
  describe(): Listening;
  /** Slots of the sockets it accepts from now: its own and lent ones. */
  slots(): readonly number[];
  /** Accept from one more socket too. `handle` belongs to the listener from here on. */
  lend(slot: number, handle: unknown): void;
  /** Close the lent socket of this slot; nothing when there is none. */
  giveBack(slot: number): void;
  /** A drain begins: take nothing new. Idempotent. */
  stop(): void;
}

export interface ListenerEvents {
  listening(listening: Listening): void;
  closed(key: string): void;
  serving(serving: readonly Serving[]): void;
}

export class Listeners {
  readonly #live = new Map<string, Listener>();
  readonly #events: ListenerEvents;

  constructor(events: ListenerEvents) {
    this.#events = events;
  }

  get(key: string): Listener | undefined {
    return this.#live.get(key);
  }

  add(listener: Listener): void {
    this.#live.set(listener.key, listener);
    this.#events.listening(listener.describe());
    this.servingChanged();
  }

  remove(listener: Listener): void {
    if (this.#live.get(listener.key) !== listener) return;
    this.#live.delete(listener.key);
    this.#events.closed(listener.key);
    this.servingChanged();
  }

  servingChanged(): void {
    this.#events.serving(this.serving());
  }

  listening(): readonly Listening[] {
    return [...this.#live.values()].map((listener) => listener.describe());
  }

  serving(): readonly Serving[] {
    return [...this.#live.values()].flatMap((listener) =>
      listener.slots().map((slot) => ({ key: listener.key, slot })),
    );
  }

  stopAll(): void {
    for (const listener of [...this.#live.values()]) listener.stop();
  }
}
