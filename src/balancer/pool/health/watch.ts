/** Health of a pool's upstreams: what requests and checks show becomes who is down, ejected or slow to start. */
import type { PoolSettings } from '../../../protocol/balance.ts';
import type { TryResult } from '../try-result.ts';
import { applySlowStart } from '../../slow-start.ts';
import type { Upstream } from '../member.ts';
import type { PoolTools } from '../tools.ts';
import type { ActiveState } from './active-state.ts';
import { isDown } from './active-state.ts';
import { Checks } from './checks.ts';
import { mayEject } from './may-eject.ts';

export interface HealthWatchOptions extends Pick<PoolTools, 'now' | 'random' | 'after' | 'log'> {
  readonly pool: string;
  readonly changed: () => void;
}

/** Weights move in so many steps over a slow start. */
const STEPS = 20;

export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #checks: Checks;
  readonly #timers = new Map<Upstream, () => void>();
  #members: readonly Upstream[] = [];
  #settings: Pick<PoolSettings, 'passiveHealth' | 'slowStartMs'> = { passiveHealth: null, slowStartMs: 0 };
  #cancelStep: () => void = () => {};

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    this.#checks = new Checks({ ...options, onState: (upstream, state) => this.#checked(upstream, state) });
  }

  /** `first`: the pool begins with these, so all are equally cold. */
  watch(members: readonly Upstream[], settings: PoolSettings, first: boolean): void {
    const known = new Set(this.#members);
    this.#members = members;
    this.#settings = settings;
    if (!first) for (const one of members) if (!known.has(one)) one.recoveredAt = this.#options.now();
    this.#checks.watch(members, settings, first);
    for (const [one, cancel] of this.#timers) {
      if (members.includes(one)) continue;
      cancel();
      this.#timers.delete(one);
    }
  }

  /** Sets the weights of all; to be called when any availability has changed. */
  weigh(): void {
    const { slowStartMs } = this.#settings;
    for (const one of this.#members) one.weight = one.fullWeight;
    this.#cancelStep();
    if (slowStartMs <= 0) return;
    const serving = this.#members.filter(({ availability }) => availability === 'up');
    if (applySlowStart(serving, slowStartMs, this.#options.now()))
      this.#cancelStep = this.#options.after(slowStartMs / STEPS, () => this.weigh());
  }

  observe(one: Upstream, result: TryResult): void {
    const { passiveHealth } = this.#settings;
    const now = this.#options.now();
    if (result === 'ok') {
      const { state } = one.breaker;
      if (one.breaker.succeeded(now, passiveHealth))
        this.#closed(one, state.kind === 'half-open' && state.why === 'failures');
    } else if (result === 'connect' && one.slot !== null) {
      // A worker of this Skein that does not take connections is gone, or full for a moment.
      if (one.breaker.refused(now)) this.#opened(one);
    } else if (passiveHealth !== null) {
      const verdict = one.breaker.failed(now, passiveHealth, () =>
        mayEject(this.#members, one, passiveHealth.maxEjected),
      );
      if (verdict === 'opened') this.#opened(one);
      else if (verdict === 'closed') this.#closed(one, true);
    }
  }

  /** A request begins at one that is half open: it decides. */
  began(one: Upstream): void {
    one.breaker.ask(true);
    one.availability = one.due;
  }

  /** A request ended, perhaps without having decided: its client left. */
  released(one: Upstream): void {
    one.breaker.ask(false);
    one.availability = one.due;
  }

  #opened(one: Upstream): void {
    const { state } = one.breaker;
    if (state.kind !== 'open' || !this.#members.includes(one)) return;
    const ms = state.until - this.#options.now();
    this.#timers.get(one)?.();
    this.#timers.set(
      one,
      this.#options.after(ms, () => this.#halfOpen(one)),
    );
    if (state.why === 'failures') {
      one.ejections += 1;
      this.#say('warn', 'upstream ejected after failures of requests', one, { forMs: Math.round(ms) });
    }
    this.#options.changed();
  }

  #halfOpen(one: Upstream): void {
    this.#timers.delete(one);
    one.breaker.halfOpen();
    this.#options.changed();
  }

  #closed(one: Upstream, wasEjected: boolean): void {
    if (wasEjected) {
      one.recoveredAt = this.#options.now();
      this.#say('info', 'upstream serves again', one, {});
    }
    this.#options.changed();
  }

  #checked(one: Upstream, state: ActiveState): void {
    const wasDown = isDown(one.active);
    one.active = state;
    if (wasDown === isDown(state)) return;
    if (wasDown) one.recoveredAt = this.#options.now();
    this.#options.changed();
  }

  #say(level: 'info' | 'warn', message: string, one: Upstream, details: Record<string, unknown>): void {
    this.#options.log(level, message, { pool: this.#options.pool, upstream: one.place, ...details });
  }
}
