/** From a crash until its slot is served again: what that took, and what it cost. */
import type { Report } from '../protocol/control.ts';
import type { Totals } from './accounting.ts';
import { reportBetween } from './accounting.ts';

interface Repair {
  readonly at: number;
  readonly before: Totals;
  readonly refused: number;
}

export interface Moment {
  readonly now: number;
  readonly totals: Totals;
  readonly refused: number;
}

export class Repairs {
  readonly #bySlot = new Map<number, Repair>();

  /** A worker crashed. A crash on the way back belongs to the same repair. */
  begin(slot: number, { now, totals, refused }: Moment): void {
    if (!this.#bySlot.has(slot)) this.#bySlot.set(slot, { at: now, before: totals, refused });
  }

  /** The slot is ready again; null when nothing was under repair. */
  end(slot: number, { now, totals, refused }: Moment): Report | null {
    const repair = this.#bySlot.get(slot);
    if (repair === undefined) return null;
    this.#bySlot.delete(slot);
    return reportBetween(repair.before, totals, refused - repair.refused, now - repair.at);
  }
}
