/** All tunnels of this process: how many there are, who is idle, and how they end when it drains. */
import type { TunnelEnd, TunnelSettings } from '../contract.ts';
import { paceOf } from './pace.ts';
import { Tunnel } from './tunnel.ts';

const TURN_MS = 1_000;

export class Tunnels {
  readonly #all = new Set<Tunnel>();
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;
  #leaving: NodeJS.Timeout | undefined;
  /** 0: nobody has to leave. */
  #leavePerSecond = 0;
  now: number;

  /** `clock`: milliseconds that only go up. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.now = clock();
  }

  get size(): number {
    return this.#all.size;
  }

  /** Both connections are its own from here on. */
  join(client: TunnelEnd, upstream: TunnelEnd, settings: TunnelSettings): void {
    this.now = this.#clock();
    this.#all.add(new Tunnel(client, upstream, settings, this));
    this.#timer ??= setInterval(() => this.turn(), TURN_MS).unref();
    // One that was asked for before the drain.
    if (this.#leavePerSecond > 0) this.leave(this.#leavePerSecond);
  }

  ended(tunnel: Tunnel): void {
    this.#all.delete(tunnel);
  }

  turn(): void {
    this.now = this.#clock();
    for (const tunnel of this.#all) tunnel.turn(this.now);
    if (this.#all.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends them, at most so many in a second: each client that loses one comes back at once. */
  leave(perSecond: number): void {
    this.#leavePerSecond = perSecond;
    if (this.#leaving !== undefined || this.#all.size === 0) return;
    const told = new WeakSet<Tunnel>();
    const { batch, everyMs } = paceOf(perSecond);
    const step = (): void => {
      let count = 0;
      for (const tunnel of this.#all) {
        if (count === batch) break;
        if (told.has(tunnel)) continue;
        told.add(tunnel);
        count += 1;
        tunnel.leave();
      }
      this.#leaving = this.#all.size === 0 ? undefined : setTimeout(step, everyMs);
    };
    this.#leaving = setTimeout(step, everyMs);
  }

  /** All of them, now: nobody comes back. */
  leaveAtOnce(): void {
    for (const tunnel of this.#all) tunnel.leave();
  }
}
