/** Active checks of a pool: each upstream in a rhythm of its own. */
import type { ActiveHealth, PoolSettings } from '../../../protocol/balance.ts';
import type { Upstream } from '../member.ts';
import type { PoolTools } from '../tools.ts';
import type { ActiveState } from './active-state.ts';
import { isDown, nextActive, nextCheckMs } from './active-state.ts';
import { probe } from './probe.ts';

export interface ChecksOptions extends Pick<PoolTools, 'random' | 'after' | 'log'> {
  readonly pool: string;
  /** After each check. */
  readonly onState: (upstream: Upstream, state: ActiveState) => void;
}

type Checked = Pick<PoolSettings, 'proxyProtocol'> & { readonly health: ActiveHealth };

interface Running {
  readonly key: string;
  readonly stop: () => void;
}

export class Checks {
  readonly #options: ChecksOptions;
  #running = new Map<Upstream, Running>();

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  /** `first`: those who are configured from the start serve on trial, who comes later waits for a pass. */
  watch(members: readonly Upstream[], settings: PoolSettings, first: boolean): void {
    const { activeHealth: health, proxyProtocol } = settings;
    const before = this.#running;
    this.#running = new Map();
    const key = JSON.stringify([health, proxyProtocol]);
    for (const one of members) {
      const running = before.get(one);
      if (running?.key === key) {
        this.#running.set(one, running);
        before.delete(one);
      } else if (health === null) {
        one.active = { kind: 'unchecked' };
      } else {
        if (one.active.kind === 'unchecked')
          one.active = { kind: first || one.requests > 0 || this.#wasUnchecked ? 'trial' : 'waiting' };
        this.#running.set(one, { key, stop: this.#check(one, { health, proxyProtocol }) });
      }
    }
    for (const { stop } of before.values()) stop();
    this.#wasUnchecked = health === null;
  }

  /** Whoever was there before checks were switched on is no newcomer. */
  #wasUnchecked = false;

  #check(one: Upstream, { health, proxyProtocol }: Checked): () => void {
    const { after, random, onState } = this.#options;
    const stopped = new AbortController();
    let cancel = (): void => {};
    let first = true;
    const run = async (): Promise<void> => {
      const problem = await probe(one.address, health, proxyProtocol, stopped.signal);
      if (stopped.signal.aborted) return;
      const before = one.active;
      const state = nextActive(before, problem === undefined, health);
      cancel = after(nextCheckMs(state, health.intervalMs, first, random), () => void run());
      first = false;
      this.#say(one, before, state, problem);
      onState(one, state);
    };
    void run();
    return () => {
      stopped.abort();
      cancel();
    };
  }

  #say(one: Upstream, before: ActiveState, state: ActiveState, problem: string | undefined): void {
    const { log, pool } = this.#options;
    const details = { pool, upstream: one.place };
    if (!isDown(before) && isDown(state))
      log('warn', 'upstream is down: its health check fails', { ...details, problem });
    else if (isDown(before) && !isDown(state))
      log('info', 'upstream is up: its health check passes', details);
  }
}
