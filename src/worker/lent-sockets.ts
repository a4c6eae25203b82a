/**
 * The sockets of other slots that a server accepts from for a while, because the worker they
 * belong to is dead, blocked or draining.
 */
import type net from 'node:net';
import type { ServerHandle } from './node-internals.ts';
import { copyAccepting } from './node-internals.ts';

export class LentSockets {
  readonly #bySlot = new Map<number, ServerHandle>();
  readonly #server: net.Server;
  readonly #own: ServerHandle;

  constructor(server: net.Server, own: ServerHandle) {
    this.#server = server;
    this.#own = own;
  }

  slots(): number[] {
    return [...this.#bySlot.keys()];
  }

  add(slot: number, handle: ServerHandle): void {
    this.remove(slot);
    this.#bySlot.set(slot, handle);
    // The server's own handle keeps the process alive, or does not, as the app wants it.
    handle.unref();
  }

  /** Begins to accept on all that do not yet. */
  accept(backlog: number): void {
    for (const [slot, handle] of this.#bySlot) {
      // Node's template has it as null.
      if (typeof handle.onconnection === 'function') continue;
      copyAccepting(this.#own, handle, this.#server);
      if (handle.listen(backlog) !== 0) this.remove(slot);
    }
  }

  remove(slot: number): boolean {
    const handle = this.#bySlot.get(slot);
    if (handle === undefined) return false;
    this.#bySlot.delete(slot);
    handle.close();
    return true;
  }

  removeAll(): void {
    for (const slot of this.slots()) this.remove(slot);
  }
}
