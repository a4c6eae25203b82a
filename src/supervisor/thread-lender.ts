/**
 * Which worker may compute on how many threads of the machine. Pure; thread-loans.ts carries it out.
 *
 * Fair shares by demand, as in max-min fairness: one thread after the other goes to who has fewest
 * and wants more. So one busy worker gets all, and several get the same. What does not divide
 * evenly, such as two threads for five workers, goes round.
 *
 * A thread is lent on when its borrower has confirmed that it does not use it any more: `bound` is the
 * most threads that a worker may be using at this moment, and their sum never grows above the total.
 */

export interface Borrower {
  readonly id: string;
  /** Threads that it could use. */
  readonly demand: number;
  /** What it was told last that it may use. */
  readonly told: number;
  /** The most that it may be using now, whatever it has heard of and its tasks do. */
  readonly bound: number;
  /** When it was last told a higher number. */
  readonly raisedAt: number;
  /** Since when it has wanted more than it was told. */
  readonly wantsSince: number;
  /** Nothing can be told to it now. */
  readonly silent: boolean;
}

export interface Loan {
  readonly id: string;
  readonly lent: number;
}

export interface LoanDecision {
  /** Those that change. */
  readonly loans: readonly Loan[];
  /** When to decide again if nothing happens until then; null: no need. */
  readonly lookAgainAt: number | null;
}

/** How long a thread stays with a worker while another, which has fewer, waits for it. */
export const TURN_MS = 100;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

interface Share extends Borrower {
  target: number;
}

/** Of who has the thread: since when it has. Who had it longest gives it away first, so gets it back last. */
const waitingSince = ({ told, target, raisedAt, wantsSince }: Share): number =>
  told > target ? -raisedAt : wantsSince;

/** In which order those take one more thread that have as many as each other. */
const inTurn =
  (now: number) =>
  (a: Share, b: Share): number => {
    const place = ({ told, target, bound, raisedAt }: Share): number => {
      // It has the thread already: until its turn is over it keeps it.
      if (told > target) return now - raisedAt < TURN_MS ? 0 : 2;
      // It is to give the thread back and has not yet: to lend it again would make the others wait for ever.
      return bound > target ? 3 : 1;
    };
    return place(a) - place(b) || waitingSince(a) - waitingSince(b);
  };

/** Sets the targets. Returns when the next turn ends that somebody waits for. */
const share = (threads: number, shares: readonly Share[], now: number): number | null => {
  let left = threads;
  for (;;) {
    const open = shares.filter(({ demand, target }) => target < demand);
    const least = Math.min(...open.map(({ target }) => target));
    const takers = open.filter(({ target }) => target === least).sort(inTurn(now));
    if (takers.length === 0) return null;
    if (left < takers.length) {
      const chosen = takers.slice(0, left);
      const turns = chosen
        .filter(({ told }) => told > least)
        .map(({ raisedAt }) => raisedAt + TURN_MS)
        .filter((end) => end > now);
      for (const taker of chosen) taker.target += 1;
      return turns.length === 0 ? null : Math.min(...turns);
    }
    for (const taker of takers) taker.target += 1;
    left -= takers.length;
  }
};

/** `reserved`: what workers that have not been heard of yet may be using. */
export const decideLoans = (
  total: number,
  reserved: number,
  borrowers: readonly Borrower[],
  now: number,
): LoanDecision => {
  const silent = borrowers.filter((borrower) => borrower.silent);
  const shares = borrowers.filter((one) => !one.silent).map((one) => ({ ...one, target: 0 }));
  const threads = Math.max(0, total - reserved - sum(silent.map(({ bound }) => bound)));
  const lookAgainAt = share(threads, shares, now);

  // Less can always be said. More only as far as threads are free already: the rest is said when
  // those that have them have answered.
  let free = threads - sum(shares.map(({ bound }) => bound));
  const loans: Loan[] = shares
    .filter(({ target, told }) => target < told)
    .map(({ id, target }) => ({ id, lent: target }));
  const more = shares
    .filter(({ target, told }) => target > told)
    .sort((a, b) => a.told - b.told || a.wantsSince - b.wantsSince);
  for (const { id, told, bound, target } of more) {
    const lent = Math.min(target, Math.max(told, bound + Math.max(0, free)));
    if (lent === told) continue;
    free -= Math.max(0, lent - bound);
    loans.push({ id, lent });
  }
  return { loans, lookAgainAt };
};
