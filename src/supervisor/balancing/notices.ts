/** What balancers notice, as events: once where several of its workers notice the same, and never a flood. */
import type { NewEvent } from '../events.ts';
import type { WorkerHandle } from '../worker-handle.ts';

/** The same text from another worker within this time is the same news. */
const SAME_MS = 5000;
const WINDOW_MS = 60_000;
const MOST_PER_WINDOW = 30;

interface OfApp {
  since: number;
  count: number;
  /** When each text was told last. */
  readonly told: Map<string, number>;
}

export class Notices {
  readonly #emit: (event: NewEvent) => void;
  readonly #now: () => number;
  readonly #apps = new Map<string, OfApp>();

  constructor(emit: (event: NewEvent) => void, now: () => number) {
    this.#emit = emit;
    this.#now = now;
  }

  heard({ tag: { app, slot }, pid }: Pick<WorkerHandle, 'tag' | 'pid'>, text: string): void {
    const now = this.#now();
    let of = this.#apps.get(app);
    if (of === undefined || now - of.since >= WINDOW_MS) {
      of = { since: now, count: 0, told: new Map() };
      this.#apps.set(app, of);
    }
    const before = of.told.get(text);
    if (before !== undefined && now - before < SAME_MS) return;
    of.count += 1;
    if (of.count > MOST_PER_WINDOW) return;
    of.told.set(text, now);
    const last = of.count === MOST_PER_WINDOW ? '; more of the next minute are only in its log' : '';
    this.#emit({ kind: 'balancer-noticed', app, slot, pid, text: text.slice(0, 500) + last });
  }
}
