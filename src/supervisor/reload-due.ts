/** When a change of files, or the calendar, makes an app reload. Pure. */

/** Files have changed since the last reload that they led to. Milliseconds since the epoch. */
export interface Changed {
  /** When the last change was noticed. */
  readonly noticedAt: number;
  /** When it was made, as far as the file tells. */
  readonly madeAt: number;
  /** It was noticed while an operation was under way. */
  readonly meanwhile: boolean;
  /** One of them, for people. */
  readonly path: string;
}

export type Due =
  | { readonly then: 'reload' }
  /** There is nothing to do any more. */
  | { readonly then: 'drop' }
  /** Until another operation has ended. */
  | { readonly then: 'wait' }
  | { readonly then: 'wake'; readonly at: number };

export interface Rollouts {
  /** Another operation of this app is under way. */
  readonly busy: boolean;
  /** When the first worker of the generation that is wanted was started; null: none was yet. */
  readonly startedAt: number | null;
}

/**
 * A reload when it has been quiet for `delayMs`; a change during an operation leads to one more
 * after it, unless it was made before the new workers started, as by a `before` hook that builds:
 * they have loaded it.
 */
export const watchDue = (
  changed: Changed,
  delayMs: number,
  { busy, startedAt }: Rollouts,
  now: number,
): Due => {
  if (busy) return { then: 'wait' };
  if (changed.meanwhile && startedAt !== null && changed.madeAt < startedAt) return { then: 'drop' };
  const at = changed.noticedAt + delayMs;
  return now >= at ? { then: 'reload' } : { then: 'wake', at };
};

/** A time of the calendar that nobody was there to see is made up for within this. */
export const MAKE_UP_MS = 300_000;

export interface CronDue {
  /** The time that has come; null: none. */
  readonly due: number | null;
  /** The next one; null: never again. */
  readonly next: number | null;
}

/**
 * `after`: the next time of the calendar behind one. `seen`: up to when times have been dealt with.
 * Several missed ones are one.
 */
export const cronDue = (after: (at: number) => number | null, seen: number, now: number): CronDue => {
  // A clock that was set back far: what was seen lies in a future that will be lived again.
  const known = seen > now + MAKE_UP_MS ? now : seen;
  const first = after(Math.max(known, now - MAKE_UP_MS));
  if (first === null || first > now) return { due: null, next: first };
  return { due: first, next: after(now) };
};
