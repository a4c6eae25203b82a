/** The one office of leader that an app has: who holds it runs its jobs. */
import { elect } from '../../state/leader.ts';
import { complain } from '../complain.ts';
import type { Member } from '../member.ts';
import type { Leadership, Term } from './term.ts';
import { beginTerm } from './term.ts';

/** Renewed thrice in that time. With a third of it until others look again, 1.6 s until another leads. */
const TTL_MS = 1_200;

/** Alone nobody else can lead, however long this process is paused. */
const TTL_ALONE_MS = 3_600_000;

export type LeaderListener = (leadership: Leadership) => Promise<void> | void;

export interface Office {
  isLeader(): boolean;
  /** `listener` at the beginning of each term, also of the one that runs. Returns what takes it off. */
  onLeader(listener: LeaderListener): () => void;
  /** Standing down waits for this, so that no other leader does the same meanwhile. */
  busyWith(work: Promise<unknown>): void;
  /** Another may lead from now on. */
  close(): Promise<void>;
}

export const openOffice = (member: Member): Office => {
  const listeners = new Set<LeaderListener>();
  const work = new Set<Promise<unknown>>();
  let term: Term | undefined;
  let closing: Promise<void> | undefined;
  let open = true;

  const run = async (listener: LeaderListener, leadership: Leadership): Promise<void> => {
    try {
      await listener(leadership);
    } catch (error) {
      // What stopped because the term is over did as it was told.
      if (!leadership.signal.aborted || error !== leadership.signal.reason)
        complain('what runs on the leader failed', error);
    }
  };

  /** Not at once: who has just begun to listen has not got yet what ends it. */
  const tell = (listener: LeaderListener, leadership: Leadership): void =>
    queueMicrotask(() => void (listeners.has(listener) && run(listener, leadership)));

  const election = elect(member.state, 'app', {
    ttl: member.state.engine === 'memory' ? TTL_ALONE_MS : TTL_MS,
    onElected(held) {
      // It was closed while it was being elected, and is released at once.
      if (!open) return;
      const mine = beginTerm(held);
      term = mine;
      for (const listener of listeners) tell(listener, mine);
    },
    onLost() {
      term = undefined;
    },
  });

  const close = async (): Promise<void> => {
    // Work that is added meanwhile is waited for too.
    while (work.size > 0) await Promise.allSettled(work);
    open = false;
    term?.standDown();
    term = undefined;
    await election.close();
  };
  const office: Office = {
    // Alone there is nobody to ask, so the answer need not wait for an election.
    isLeader: () => open && (member.state.engine === 'memory' || election.isLeader),
    onLeader(listener) {
      const own: LeaderListener = (leadership) => listener(leadership);
      listeners.add(own);
      if (term !== undefined) tell(own, term);
      return () => void listeners.delete(own);
    },
    busyWith(promise) {
      // Added last it runs first: what the app closes at its end is open as long as work needs it.
      const off = member.onEnding(() => done);
      const done = promise
        .catch(() => {})
        .then(() => {
          off();
          work.delete(promise);
        });
      work.add(promise);
    },
    close: () => (closing ??= close()),
  };
  member.onLeaving(() => void office.close());
  member.onEnding(() => office.close());
  if (member.leaving()) void office.close();
  return office;
};
