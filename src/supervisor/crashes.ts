/**
 * The crashes of one app, slot by slot: how many there have been lately, what that means for the
 * next start, and what each one cost from the crash until its slot is served again.
 */
import type { RestartPolicy } from '../protocol/app-spec.ts';
import type { Report } from '../protocol/control.ts';
import type { Exit } from '../protocol/holder.ts';
import type { Totals } from './accounting.ts';
import { reportBetween } from './accounting.ts';
import { recentCrashes, restartVerdict } from './restart-policy.ts';
import type { SlotCrashes } from './store.ts';
import type { Verdict } from './worker-state.ts';

export interface Moment {
  readonly now: number;
  readonly totals: Totals;
  /** Connections dropped by the kernel so far. */
  readonly refused: number;
}

export class Crashes {
  readonly #times = new Map<number, readonly number[]>();
  readonly #restarts = new Map<number, number>();
  readonly #underRepair = new Map<number, Moment>();

  constructor(saved: readonly SlotCrashes[] = []) {
    for (const { slot, times, restarts } of saved) {
      this.#times.set(slot, times);
      this.#restarts.set(slot, restarts);
    }
  }

  /** What the next supervisor needs to go on counting. */
  saved(): SlotCrashes[] {
    return [...new Set([...this.#times.keys(), ...this.#restarts.keys()])].map((slot) => ({
      slot,
      times: this.#times.get(slot) ?? [],
      restarts: this.restarts(slot),
    }));
  }

  /** Unplanned restarts of a slot since the app was started, or its counters were set back. */
  restarts(slot: number): number {
    return this.#restarts.get(slot) ?? 0;
  }

  /** Counts restarts from here; how often a slot has crashed lately is not forgotten. */
  reset(): void {
    this.#restarts.clear();
  }

  verdict(slot: number, policy: RestartPolicy, exit: Exit, now: number, random: () => number): Verdict {
    return restartVerdict(policy, exit, this.#times.get(slot) ?? [], now, random);
  }

  /** It counts towards the backoff of its slot. */
  note(slot: number, now: number): void {
    this.#times.set(slot, [...recentCrashes(this.#times.get(slot) ?? [], now), now]);
  }

  /** Its slot is to be filled again. A crash on the way back belongs to the same repair. */
  repair(slot: number, moment: Moment): void {
    this.#restarts.set(slot, this.restarts(slot) + 1);
    if (!this.#underRepair.has(slot)) this.#underRepair.set(slot, moment);
  }

  /** The slot is ready again; null when nothing was under repair. */
  repaired(slot: number, { now, totals, refused }: Moment): Report | null {
    const from = this.#underRepair.get(slot);
    if (from === undefined) return null;
    this.#underRepair.delete(slot);
    return reportBetween(from.totals, totals, refused - from.refused, now - from.now);
  }
}
