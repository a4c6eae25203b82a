/** A pool as the data path sees it: one snapshot's settings over what stays from snapshot to snapshot. */
import type { PoolSettings, PoolSnapshot, UpstreamReport } from '../../protocol/balance.ts';
import type { Asking, Pool, PoolMember, Refused, Waiter } from '../contract.ts';
import { PoolCore } from './core.ts';
import type { PoolTools } from './tools.ts';
import type { TryResult } from './try-result.ts';

class LivePool implements Pool {
  readonly name: string;
  readonly settings: PoolSettings;
  readonly core: PoolCore;

  constructor({ name, settings }: PoolSnapshot, core: PoolCore) {
    this.name = name;
    this.settings = settings;
    this.core = core;
  }

  get queued(): number {
    return this.core.queued;
  }

  take(waiter: Waiter): PoolMember | Refused | undefined {
    return this.core.take(waiter);
  }

  cancel(waiter: Waiter): void {
    this.core.cancel(waiter);
  }

  release(upstream: PoolMember): void {
    this.core.release(upstream);
  }

  observe(upstream: PoolMember, result: TryResult, ms: number): void {
    this.core.observe(upstream, result, ms);
  }

  spendRetry(): boolean {
    return this.core.spendRetry();
  }

  responseLines(asking: Asking, upstream: PoolMember, lines: string): string {
    return this.core.responseLines(asking, upstream, lines);
  }

  cookieFor(cookie: string): string | undefined {
    return this.core.cookieFor(cookie);
  }

  report(): UpstreamReport[] {
    return this.core.report();
  }

  close(): void {
    this.core.close();
  }
}

/**
 * The pool of a snapshot. `before`: the pool of that name until now, which goes on working for the
 * requests that have it, with the members of the new snapshot and the settings of its own. Members with
 * the same id stay the same objects; those that are gone end what they have and get nothing more.
 */
export const createPool = (snapshot: PoolSnapshot, before: Pool | undefined, tools: PoolTools): Pool => {
  const known = before instanceof LivePool ? before.core : undefined;
  const core = known ?? new PoolCore(snapshot, tools);
  core.update(snapshot, tools, known === undefined);
  return new LivePool(snapshot, core);
};
