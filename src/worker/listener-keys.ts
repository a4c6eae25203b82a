/**
 * Names the listening sockets of an app in the same way in each of its workers, so that the same
 * `listen` gets the same socket everywhere. As in lib/internal/cluster/child.js, equal addresses
 * of one worker are told apart by an index that starts anew when all of them are closed: every
 * `listen(0)` has a port of its own, which all workers share.
 */
export interface ListenQuery {
  readonly address: string | null;
  readonly port: number | null;
  readonly addressType: number | string | null;
  readonly fd: number | null;
}

export interface ListenerKey {
  readonly text: string;
  /** The server is closed: the key may be used again. Idempotent. */
  release(): void;
}

export class ListenerKeys {
  readonly #byAddress = new Map<string, { next: number; readonly live: Set<number> }>();

  take({ address, port, addressType, fd }: ListenQuery): ListenerKey {
    const base = [address, port, addressType, fd].join(':');
    const used = this.#byAddress.get(base) ?? { next: 0, live: new Set<number>() };
    this.#byAddress.set(base, used);
    const index = used.next++;
    used.live.add(index);
    return {
      text: index === 0 ? base : `${base}:${index}`,
      release: () => {
        used.live.delete(index);
        if (used.live.size === 0 && this.#byAddress.get(base) === used) this.#byAddress.delete(base);
      },
    };
  }
}
