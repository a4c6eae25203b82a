/**
 * Workers and a supervisor that lend threads to each other over connections that a test delivers
 * message by message: everything is real but the sockets, the tasks and the time.
 */
import type { FromWorker, ToWorker } from '../../../src/protocol/worker.ts';
import { borrowThreads } from '../../../src/pool/borrowed-threads.ts';
import type { ThreadBudget, WaitingPool } from '../../../src/pool/thread-budget.ts';
import { ThreadLoans, type BorrowingWorker } from '../../../src/supervisor/thread-loans.ts';
import type { ThreadLoan } from '../../../src/worker/thread-loan.ts';
import { createThreadLoan } from '../../../src/worker/thread-loan.ts';

type Told = Extract<ToWorker, { type: 'threads' }>;

export class FakeBorrower {
  readonly id: string;
  gone = false;
  connected = false;
  /** The supervisor knows of the connection: it has read its hello. */
  attached = false;
  adopted = false;
  readonly up: FromWorker[] = [];
  readonly down: Told[] = [];
  readonly loan: ThreadLoan;
  readonly budget: ThreadBudget;
  waiting = 0;
  running = 0;
  /** Messages in either direction. */
  messages = 0;
  readonly #looks = new Set<() => void>();
  readonly #pool: WaitingPool;

  constructor(id: string, total: number, now: () => number) {
    this.id = id;
    this.loan = createThreadLoan(total, (use) => {
      if (this.connected) this.say({ type: 'threads', ...use });
    });
    const every = (_ms: number, look: () => void) => {
      this.#looks.add(look);
      return () => void this.#looks.delete(look);
    };
    this.budget = borrowThreads(this.loan.link, total, { now, every });
    const waiting = (): number => this.waiting;
    this.#pool = {
      get waiting() {
        return waiting();
      },
      wake: () => this.#pump(),
    };
  }

  say(message: FromWorker): void {
    this.messages += 1;
    this.up.push(message);
  }

  submit(tasks: number): void {
    this.waiting += tasks;
    this.#pump();
  }

  end(tasks: number): void {
    for (let left = Math.min(tasks, this.running); left > 0; left -= 1) {
      this.running -= 1;
      this.budget.give();
      this.#pump();
    }
  }

  look(): void {
    for (const look of this.#looks) look();
  }

  /** Who opens a connection says hello on it first. */
  connect(): void {
    if (this.connected || this.gone) return;
    this.connected = true;
    this.say({ type: 'hello', threads: this.loan.use() } as FromWorker);
  }

  /** Of what was on its way, the first `read` messages are still read. */
  disconnect(read: number): void {
    this.connected = false;
    this.attached = false;
    this.up.length = 0;
    for (const { loan, lent } of this.down.splice(0).slice(0, read)) this.loan.heard(loan, lent);
  }

  hear(): boolean {
    const message = this.down.shift();
    if (message === undefined) return false;
    this.loan.heard(message.loan, message.lent);
    return true;
  }

  /** For the supervisor. */
  get worker(): BorrowingWorker {
    const isGone = (): boolean => this.gone;
    const isAttached = (): boolean => this.attached;
    return {
      tag: { id: this.id } as BorrowingWorker['tag'],
      spec: { kind: 'node' },
      adopted: this.adopted,
      get gone() {
        return isGone();
      },
      get connected() {
        return isAttached();
      },
      send: (message) => {
        this.messages += 1;
        if (this.attached) this.down.push(message as Told);
        return this.attached;
      },
    };
  }

  #pump(): void {
    while (this.waiting > 0) {
      if (!this.budget.take()) {
        this.budget.wait(this.#pool);
        return;
      }
      this.waiting -= 1;
      this.running += 1;
    }
  }
}

export class FakeMachine {
  readonly total: number;
  now = 0;
  /** That of the workers: in it no supervisor is ever missed for too long. */
  workerNow = 0;
  borrowers: FakeBorrower[] = [];
  #loans: ThreadLoans;
  #workers: BorrowingWorker[] = [];
  #started = 0;

  constructor(total: number, workers: number) {
    this.total = total;
    this.#loans = this.#supervisor();
    for (let nth = 0; nth < workers; nth += 1) this.start();
  }

  #supervisor(): ThreadLoans {
    // Each has a list of its own: what an earlier one still does reaches nobody.
    const workers = (this.#workers = this.alive.map(({ worker }) => worker));
    return new ThreadLoans({ total: this.total, workers: () => workers, now: () => this.now });
  }

  start(): FakeBorrower {
    const borrower = new FakeBorrower(`w${this.#started++}`, this.total, () => this.workerNow);
    this.borrowers.push(borrower);
    this.#workers.push(borrower.worker);
    borrower.connect();
    return borrower;
  }

  get alive(): FakeBorrower[] {
    return this.borrowers.filter(({ gone }) => !gone);
  }

  /** The supervisor reads one message. */
  read(borrower: FakeBorrower): boolean {
    const message = borrower.up.shift();
    const worker = this.#workers.find(({ tag }) => tag.id === borrower.id);
    if (message === undefined || worker === undefined) return false;
    if (message.type === 'hello') borrower.attached = true;
    this.#loans.heard(worker, message);
    return true;
  }

  crash(borrower: FakeBorrower): void {
    borrower.gone = true;
    borrower.connected = false;
    this.#loans.look();
  }

  /** Another one, which knows nothing. */
  restart(read: number): void {
    for (const borrower of this.alive) {
      borrower.disconnect(read);
      borrower.adopted = true;
    }
    this.#loans = this.#supervisor();
  }

  pass(ms: number): void {
    this.now += ms;
    this.workerNow += Math.min(ms, 10);
    this.#loans.look();
  }

  /** Delivers everything until nobody says anything more. */
  settle(): void {
    for (const borrower of this.alive) borrower.connect();
    for (let busy = true, rounds = 0; busy; rounds += 1) {
      if (rounds > 10_000) throw new Error('they talk for ever');
      busy = false;
      for (const borrower of this.alive) {
        if (this.read(borrower)) busy = true;
        if (borrower.hear()) busy = true;
      }
    }
  }

  /** Threads that run tasks or may begin one, over all workers that live. */
  get mayBeInUse(): number {
    return this.alive.reduce((sum, { loan, running }) => sum + Math.max(loan.use().lent, running), 0);
  }

  get running(): number {
    return this.alive.reduce((sum, { running }) => sum + running, 0);
  }
}
