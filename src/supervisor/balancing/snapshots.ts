/**
 * The snapshot of each balancer app: built anew whenever something may have changed, numbered and sent when
 * something has, and sent to each of its workers that says hello. Who goes by which is remembered, for a
 * worker that may only leave when nobody sends to it any more.
 */
import type { BalancerReport, BalancerSnapshot, FromBalancer } from '../../protocol/balance.ts';
import type { WorkerHandle } from '../worker-handle.ts';

type Plain = Omit<BalancerSnapshot, 'revision'>;

interface Sent {
  readonly text: string;
  readonly snapshot: BalancerSnapshot;
}

/** What a worker of a balancer has last said. */
interface Said {
  readonly applied: number;
  readonly refused: Extract<FromBalancer, { say: 'refused' }> | null;
  readonly report: BalancerReport | null;
}

const SILENT: Said = { applied: 0, refused: null, report: null };

export class Snapshots {
  readonly #now: () => number;
  readonly #byApp = new Map<string, Sent>();
  readonly #said = new WeakMap<WorkerHandle, Said>();
  readonly #waiting = new Set<() => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  current(app: string): BalancerSnapshot | undefined {
    return this.#byApp.get(app)?.snapshot;
  }

  said(worker: WorkerHandle): Said {
    return this.#said.get(worker) ?? SILENT;
  }

  /** Of balancers that are no more nothing is kept. */
  keepOnly(apps: ReadonlyMap<string, unknown>): void {
    for (const app of this.#byApp.keys()) if (!apps.has(app)) this.#byApp.delete(app);
  }

  /** Sends it to these workers if it is another than before. */
  update(app: string, snapshot: Plain, workers: Iterable<WorkerHandle>): void {
    const text = JSON.stringify(snapshot);
    const before = this.#byApp.get(app);
    if (before?.text === text) return;
    // Above all that an earlier supervisor has sent: its workers are still there.
    const revision = Math.max((before?.snapshot.revision ?? 0) + 1, this.#now());
    const sent: Sent = { text, snapshot: { ...snapshot, revision } };
    this.#byApp.set(app, sent);
    for (const worker of workers) worker.send({ type: 'balance', snapshot: sent.snapshot });
  }

  /** It has just connected. */
  greet(app: string, worker: WorkerHandle): void {
    const sent = this.#byApp.get(app);
    if (sent !== undefined) worker.send({ type: 'balance', snapshot: sent.snapshot });
  }

  heard(worker: WorkerHandle, said: FromBalancer): void {
    const before = this.said(worker);
    switch (said.say) {
      case 'applied':
        this.#said.set(worker, { ...before, applied: said.revision, refused: null });
        break;
      case 'refused':
        this.#said.set(worker, { ...before, refused: said });
        break;
      case 'noticed':
        return;
      case 'report':
        this.#said.set(worker, { ...before, report: said.report });
        return;
    }
    for (const look of [...this.#waiting]) look();
  }

  /** Whether it need not be waited for any more: it goes by that revision, will not, or is gone. */
  isPast(worker: WorkerHandle, revision: number): boolean {
    const { applied, refused } = this.said(worker);
    return worker.gone || !worker.connected || applied >= revision || (refused?.revision ?? 0) >= revision;
  }

  /** Calls `done` when all of them are past their revisions (`complete`), at the latest after `limitMs`. */
  whenPast(
    all: readonly { readonly worker: WorkerHandle; readonly revision: number }[],
    limitMs: number,
    done: (complete: boolean) => void,
  ): void {
    const isOver = (): boolean => all.every(({ worker, revision }) => this.isPast(worker, revision));
    const look = (): void => {
      if (isOver()) finish();
    };
    const finish = (): void => {
      if (!this.#waiting.delete(look)) return;
      clearTimeout(timer);
      done(isOver());
    };
    this.#waiting.add(look);
    const timer = setTimeout(finish, limitMs);
    look();
  }

  /** Some worker may be gone. */
  lookAgain(): void {
    for (const look of [...this.#waiting]) look();
  }
}
