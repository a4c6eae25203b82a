/**
 * Two connections of which each gets what the other one sends, until both have ended. Nothing is read
 * from one while the other does not take what it was given. An end is passed on, and what comes the
 * other way still has a while.
 *
 * Nothing is allocated for a connection that is silent: Node's buffers are there only while it reads.
 */
import type { TunnelEnd, TunnelEnded, TunnelSettings } from '../contract.ts';

/** How long one half may last when the other one has ended. */
export const HALF_MS = 30_000;

/** What belongs to all tunnels. */
export interface TunnelKeeper {
  /** Milliseconds, coarse. */
  readonly now: number;
  ended(tunnel: Tunnel): void;
}

export class Tunnel {
  readonly #client: TunnelEnd;
  readonly #upstream: TunnelEnd;
  readonly #settings: TunnelSettings;
  readonly #keeper: TunnelKeeper;
  #bytesIn = 0;
  #bytesOut = 0;
  #movedAt: number;
  /** When the first half has ended; Infinity: both are open. */
  #halfSince = Infinity;
  #open = 2;
  #why: TunnelEnded = 'closed';

  constructor(client: TunnelEnd, upstream: TunnelEnd, settings: TunnelSettings, keeper: TunnelKeeper) {
    this.#client = client;
    this.#upstream = upstream;
    this.#settings = settings;
    this.#keeper = keeper;
    this.#movedAt = keeper.now;
    this.#pass(client, upstream, 'client-broke', (bytes) => (this.#bytesIn += bytes));
    this.#pass(upstream, client, 'upstream-broke', (bytes) => (this.#bytesOut += bytes));
    // What stands behind the heads comes first, and both ends listen already.
    this.#begin(client, upstream, (bytes) => (this.#bytesIn += bytes));
    this.#begin(upstream, client, (bytes) => (this.#bytesOut += bytes));
  }

  #pass(from: TunnelEnd, to: TunnelEnd, broke: TunnelEnded, count: (bytes: number) => void): void {
    from.socket.on('error', () => this.#break(broke));
    from.socket.on('close', () => this.#closed());
    from.socket.on('end', () => {
      this.#halfEnded();
      to.socket.end();
    });
    to.socket.on('drain', () => from.socket.resume());
    const take = (chunk: Uint8Array): boolean => {
      count(chunk.length);
      this.#movedAt = this.#keeper.now;
      // Its other half has ended already: nobody is there for it.
      return !to.socket.writable || to.socket.write(chunk);
    };
    if (from.receive === undefined)
      from.socket.on('data', (chunk: Buffer) => {
        if (!take(chunk)) from.socket.pause();
      });
    else
      // Its buffer is read into again at once, so what cannot be written at once has to be a copy.
      from.receive((chunk) => take(Buffer.from(chunk)));
  }

  #begin({ socket, head }: TunnelEnd, to: TunnelEnd, count: (bytes: number) => void): void {
    let taken = true;
    if (head.length > 0 && to.socket.writable) {
      count(head.length);
      taken = to.socket.write(Buffer.from(head));
    }
    if (socket.readableEnded) {
      this.#halfEnded();
      to.socket.end();
    } else if (taken) socket.resume();
    else socket.pause();
  }

  #halfEnded(): void {
    this.#halfSince = Math.min(this.#halfSince, this.#keeper.now);
  }

  /** Looked at now and then. */
  turn(now: number): void {
    const { idleMs } = this.#settings;
    if (now - this.#halfSince > HALF_MS) this.#break(this.#why);
    else if (idleMs !== null && now - this.#movedAt > idleMs) this.#break('idle');
  }

  /** Both sides are told that it is over; what is on its way still arrives. */
  leave(): void {
    if (this.#why === 'closed') this.#why = 'drain';
    this.#halfEnded();
    this.#client.socket.end();
    this.#upstream.socket.end();
  }

  #break(why: TunnelEnded): void {
    if (this.#why === 'closed') this.#why = why;
    this.#client.socket.destroy();
    this.#upstream.socket.destroy();
  }

  #closed(): void {
    this.#open -= 1;
    if (this.#open > 0) {
      // One that is closed takes nothing any more: what the other one sends is for nobody.
      const other = this.#client.socket.destroyed ? this.#upstream : this.#client;
      other.socket.end();
      if (!other.socket.writableNeedDrain) other.socket.resume();
      this.#halfEnded();
      return;
    }
    this.#keeper.ended(this);
    this.#settings.onEnd(this.#why, this.#bytesIn, this.#bytesOut);
  }
}
