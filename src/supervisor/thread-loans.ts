/**
 * Lends the machine's threads to workers: hears what they need, decides (thread-lender.ts), tells
 * them. Nothing of it is saved: each worker says in its hello what it has. The worker's end:
 * src/worker/thread-loan.ts.
 */
import type { FromWorker } from '../protocol/worker.ts';
import { decideLoans } from './thread-lender.ts';
import { ThreadLedger } from './thread-ledger.ts';
import type { WorkerHandle } from './worker-handle.ts';

export type BorrowingWorker = Pick<WorkerHandle, 'tag' | 'adopted' | 'gone' | 'connected' | 'send'> & {
  readonly spec: Pick<WorkerHandle['spec'], 'kind'>;
};

export interface ThreadLoansOptions {
  readonly total: number;
  readonly workers: () => Iterable<BorrowingWorker>;
  readonly now: () => number;
}

export class ThreadLoans {
  readonly #options: ThreadLoansOptions;
  readonly #ledgers = new Map<string, ThreadLedger>();
  /** What adopted workers had when they first spoke: so many the silent ones cannot have. */
  #found = 0;
  #wake: NodeJS.Timeout | null = null;

  constructor(options: ThreadLoansOptions) {
    this.#options = options;
  }

  heard(worker: BorrowingWorker, message: FromWorker): void {
    if (message.type !== 'hello' && message.type !== 'threads') return;
    const now = this.#options.now();
    const { id } = worker.tag;
    const known = this.#ledgers.get(id);
    const ledger = known ?? new ThreadLedger(now);
    this.#ledgers.set(id, ledger);
    if (message.type === 'hello') ledger.hello(message.threads, now);
    else ledger.heard(message, now);
    if (known === undefined && worker.adopted) this.#found += ledger.bound;
    const { newest } = ledger;
    this.look();
    // Who waits is to know that somebody decides.
    if (ledger.demand > ledger.told && ledger.newest.loan === newest.loan)
      worker.send({ type: 'threads', ...newest });
  }

  /** Something has changed: a worker has ended, for example. */
  look(): void {
    const { total, now: clock } = this.#options;
    const now = clock();
    const workers = [...this.#options.workers()].filter(({ gone }) => !gone);
    const alive = new Map(workers.map((worker) => [worker.tag.id, worker]));
    for (const id of this.#ledgers.keys()) if (!alive.has(id)) this.#ledgers.delete(id);
    const borrowers = [...this.#ledgers].map(([id, { demand, told, bound, raisedAt, wantsSince }]) => {
      const silent = alive.get(id)?.connected !== true;
      return { id, demand, told, bound, raisedAt, wantsSince, silent };
    });
    const { loans, lookAgainAt } = decideLoans(total, this.#reserved(workers), borrowers, now);
    for (const { id, lent } of loans) {
      const loan = this.#ledgers.get(id)?.lend(lent, now);
      if (loan !== undefined) alive.get(id)?.send({ type: 'threads', ...loan });
    }
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wake = lookAgainAt === null ? null : setTimeout(() => this.look(), lookAgainAt - now);
    this.#wake?.unref();
  }

  /** An earlier supervisor may have lent to who has not said hello yet all that the others did not have. */
  #reserved(workers: readonly BorrowingWorker[]): number {
    const unheard = workers.some(
      ({ tag, adopted, spec }) => adopted && spec.kind === 'node' && !this.#ledgers.has(tag.id),
    );
    return unheard ? Math.max(0, this.#options.total - this.#found) : 0;
  }
}
