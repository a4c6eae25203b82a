/**
 * One timer for all: a timer for each request would cost more than the request's own bookkeeping. What
 * has a deadline is asked every tenth of a second whether it is over, so durations are rounded up to that.
 */
export interface Ticking {
  /** `now`: milliseconds, monotonic. Its own place in the list, which the ticker writes. */
  onTick(now: number): void;
  tickIndex: number;
}

export const TICK_MS = 100;

/** Milliseconds, monotonic, of the last tick: exact enough for deadlines, and free. */
export let tickNow: number = performance.now();

const members: Ticking[] = [];
let timer: NodeJS.Timeout | undefined;

const tick = (): void => {
  tickNow = performance.now();
  if (members.length === 0) {
    clearInterval(timer);
    timer = undefined;
    return;
  }
  // From the end: who leaves is replaced by the last one, which was asked already.
  for (let at = members.length - 1; at >= 0; at -= 1) members[at]?.onTick(tickNow);
};

export const joinTicker = (member: Ticking): void => {
  if (timer === undefined) {
    tickNow = performance.now();
    timer = setInterval(tick, TICK_MS);
    timer.unref();
  }
  member.tickIndex = members.length;
  members.push(member);
};

/** Also for who is no member: then nothing happens. */
export const leaveTicker = (member: Ticking): void => {
  const at = member.tickIndex;
  if (at === -1) return;
  member.tickIndex = -1;
  const last = members.pop();
  if (last === undefined || last === member) return;
  members[at] = last;
  last.tickIndex = at;
};
