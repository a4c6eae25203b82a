/**
 * How many threads of the machine this worker may use: kept here for the next supervisor, whatever
 * becomes of the present one. The lender: src/supervisor/thread-loans.ts. Who uses them:
 * src/pool/borrowed-threads.ts.
 */
import type { ThreadLink, ThreadNeed } from '../protocol/app-link.ts';
import type { ThreadUse } from '../protocol/worker.ts';

export interface ThreadLoan {
  readonly link: ThreadLink;
  /** How things stand. */
  use(): ThreadUse;
  /** What the supervisor says. Answers a loan that is new, when those who use the threads know of it. */
  heard(loan: number, lent: number): void;
}

/** `total`: see `Boot.threads`. */
export const createThreadLoan = (total: number | undefined, say: (use: ThreadUse) => void): ThreadLoan => {
  const listeners = new Set<(threads: number) => void>();
  let need: ThreadNeed = { inUse: 0, demand: 0 };
  let loan = 0;
  let lent = 0;
  let answered = true;
  const use = (): ThreadUse => ({ ...need, loan, lent });
  const answer = (): void => {
    answered = true;
    say(use());
  };
  return {
    link: {
      total,
      lent: () => lent,
      onLent: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      need: (next) => {
        need = next;
        answer();
      },
    },
    use,
    heard(number, threads) {
      answered = number === loan;
      loan = number;
      lent = threads;
      // At once and not in a microtask: the answer has to tell what they use from now on.
      for (const listener of listeners) listener(threads);
      if (!answered) answer();
    },
  };
};
