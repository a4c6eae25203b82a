/** What the leader has to do for a job now, from what is recorded of it. Pure. */
import type { Ticks } from './ticks.ts';

/** What is kept of a job, for the leader that comes next. */
export interface JobRecord {
  /** The time it last began for. */
  readonly tick: number;
  /** The last time that needs no run any more: `tick`, or a later one that was skipped. */
  readonly handled: number;
  /** Of the leader who wrote this. */
  readonly token: number;
  /** `idle`: it has never run. */
  readonly state: 'idle' | 'running' | 'ended';
}

/** Whatever else somebody has written there is as good as nothing. */
export const isJobRecord = (value: unknown): value is JobRecord => {
  if (typeof value !== 'object' || value === null) return false;
  const { tick, handled, token } = value as Partial<JobRecord>;
  return [tick, handled, token].every((part) => typeof part === 'number');
};

export interface JobFacts {
  readonly record: JobRecord | undefined;
  readonly ticks: Ticks;
  readonly now: number;
  /** Of this leader. */
  readonly token: number;
  /** The last time for which this leader has run it. */
  readonly ran: number | undefined;
  readonly catchUpMs: number;
  /** A run that its leader did not survive is made again. */
  readonly rerun: boolean;
}

export type Due =
  /** Nothing is recorded, or what was is lost: its times count from now on, for one may have been run. */
  | { readonly type: 'first' }
  | { readonly type: 'begin'; readonly tick: number }
  /** It is recorded as begun by this leader, who never heard that the record was written. */
  | { readonly type: 'begun'; readonly tick: number }
  /** Its leader went away in the middle of it, and it is not to be made again. */
  | { readonly type: 'interrupted'; readonly tick: number }
  | { readonly type: 'wait'; readonly until: number }
  /** No such time comes any more. */
  | { readonly type: 'never' }
  /** A later leader is at work. */
  | { readonly type: 'deposed' };

/** The clock that wrote `handled` was ahead by more than a turn: what it says of the future is void. */
const handledUntil = ({ handled }: JobRecord, ticks: Ticks, now: number): number => {
  const next = ticks.after(now);
  return next !== null && handled > next ? now : handled;
};

export const dueNow = (facts: JobFacts): Due => {
  const { record, ticks, now, token, catchUpMs } = facts;
  if (record === undefined) return { type: 'first' };
  if (record.token > token) return { type: 'deposed' };
  if (record.state === 'running' && record.tick !== facts.ran) {
    if (record.token === token) return { type: 'begun', tick: record.tick };
    return { type: facts.rerun ? 'begin' : 'interrupted', tick: record.tick };
  }
  const handled = handledUntil(record, ticks, now);
  const latest = ticks.latest(now);
  if (latest !== null && latest > handled && now - latest <= catchUpMs)
    return { type: 'begin', tick: latest };
  const next = ticks.after(Math.max(now, handled));
  return next === null ? { type: 'never' } : { type: 'wait', until: next };
};
