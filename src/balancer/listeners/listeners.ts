/** All addresses of a balancer: a new snapshot's are taken first, and given up again if it is refused. */
import type { ListenSettings } from '../../protocol/balance.ts';
import { SnapshotRefused } from '../refused.ts';
import { whyNotBound } from './bind.ts';
import { besideOthers, parseListenAddress } from './listen-address.ts';
import type { ListenerTerms, TakeSocket } from './listener.ts';
import { Listener } from './listener.ts';

export const listenPlace = (at: number): string => `balancer.listen[${at}]`;

export class Listeners {
  readonly #take: TakeSocket;
  #open: ReadonlyMap<string, Listener> = new Map();
  #closed = false;

  constructor(take: TakeSocket) {
    this.#take = take;
  }

  /** By their address in `listen`. */
  get open(): ReadonlyMap<string, Listener> {
    return this.#open;
  }

  /**
   * Binds what is new. The answer begins to serve by `terms` (of each address) and closes what is not
   * wanted any more; what it is not called for has to be given up. Throws SnapshotRefused.
   */
  async prepare(wanted: readonly ListenSettings[]): Promise<{
    readonly commit: (terms: (settings: ListenSettings) => ListenerTerms) => void;
    readonly giveUp: () => void;
  }> {
    // Snapshots go on in a drain, for what is in flight.
    if (this.#closed) return { commit: () => {}, giveUp: () => {} };
    const added: Listener[] = [];
    const giveUp = (): void => {
      for (const listener of added) listener.close();
    };
    const next = new Map<string, Listener>();
    try {
      for (const [at, { address }] of wanted.entries()) {
        if (next.has(address)) throw new SnapshotRefused(listenPlace(at), `${address} is listed twice`);
        const known = this.#open.get(address);
        if (known !== undefined) {
          next.set(address, known);
          continue;
        }
        const listener = new Listener(address, this.#take);
        await this.#bind(listener, at, wanted);
        added.push(listener);
        next.set(address, listener);
      }
    } catch (error) {
      giveUp();
      throw error;
    }
    return {
      giveUp,
      commit: (terms) => {
        // A drain began meanwhile.
        if (this.#closed) return giveUp();
        const before = this.#open;
        this.#open = next;
        for (const settings of wanted) next.get(settings.address)?.go(terms(settings));
        for (const [address, listener] of before) if (!next.has(address)) listener.close();
      },
    };
  }

  async #bind(listener: Listener, at: number, wanted: readonly ListenSettings[]): Promise<void> {
    const address = parseListenAddress(listener.address);
    if (address === undefined)
      throw new SnapshotRefused(listenPlace(at), `${listener.address} is no address to listen on`);
    try {
      await listener.bind(
        besideOthers(
          address,
          wanted.map((one) => one.address),
        ),
      );
    } catch (error) {
      throw new SnapshotRefused(
        listenPlace(at),
        `${listener.address} cannot be listened on: ${whyNotBound(error)}`,
        { cause: error },
      );
    }
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    for (const listener of this.#open.values()) listener.close();
    this.#open = new Map();
  }
}
