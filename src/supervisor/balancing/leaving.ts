/**
 * A worker that is to drain leaves the balancers first: until each of them has said that it sends it nothing
 * new, it is not told. So no request comes to a socket that is being closed.
 *
 *   draining ──all applied──▶ (sticky: its sessions have a while to come to their end) maintenance ──all
 *   applied──▶ it is told to drain
 */
import type { MemberState } from '../../protocol/balance.ts';
import type { WorkerHandle } from '../worker-handle.ts';

/** A balancer that does not answer for longer is not waited for: it will find the worker closed. */
const APPLY_MS = 1000;

/** How long sessions may stay with a worker that leaves. */
const SESSIONS_MS = 5000;

export interface LeavingAround {
  /** Sends what has changed; calls `done` when each balancer goes by it (`complete`), or the time is over. */
  tell(limitMs: number, done: (complete: boolean) => void): void;
}

/** How long it keeps its sessions; 0: it has none, or nobody is there to take them. */
export const graceOf = ({ spec }: Pick<WorkerHandle, 'spec'>, ends: boolean): number =>
  ends || (spec.balance?.pool.sticky ?? null) === null ? 0 : Math.min(SESSIONS_MS, spec.drainTimeoutMs);

/** The longest that `leave` takes. */
export const mostLeavingMs = (graceMs: number): number => (graceMs === 0 ? APPLY_MS : 2 * APPLY_MS + graceMs);

export class LeavingWorkers {
  readonly states: Map<string, MemberState> = new Map();
  readonly #around: LeavingAround;

  constructor(around: LeavingAround) {
    this.#around = around;
  }

  /** Calls `done` when nobody sends anything new to it (`complete`), or is not waited for any longer. */
  leave({ tag: { id } }: WorkerHandle, graceMs: number, done: (complete: boolean) => void): void {
    this.states.set(id, 'draining');
    this.#around.tell(APPLY_MS, (complete) => {
      if (graceMs === 0) return done(complete);
      setTimeout(() => {
        // Who has ended meanwhile is forgotten already.
        if (this.states.has(id)) this.states.set(id, 'maintenance');
        this.#around.tell(APPLY_MS, done);
      }, graceMs);
    });
  }

  forget(id: string): void {
    this.states.delete(id);
  }
}
