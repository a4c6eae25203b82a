/**
 * Keeps the event loop alive for as long as something that listens in the app's eyes does not
 * listen yet, or no more, the way a listening handle would.
 */
export interface EventLoopHold {
  /** As `server.ref()` and `server.unref()`. */
  ref(): void;
  unref(): void;
  /** Idempotent. */
  release(): void;
}

/** The longest delay of a Node timer: 2^31 - 1 ms. */
const LONGEST_MS = 2_147_483_647;

const holds = new Set<EventLoopHold>();

export const holdEventLoop = (referenced = true): EventLoopHold => {
  const timer = setTimeout(() => timer.refresh(), LONGEST_MS);
  if (!referenced) timer.unref();
  const hold: EventLoopHold = {
    ref: () => void timer.ref(),
    unref: () => void timer.unref(),
    release() {
      clearTimeout(timer);
      holds.delete(hold);
    },
  };
  holds.add(hold);
  return hold;
};

/** For a worker that leaves by itself: nothing of ours keeps it. */
export const releaseAllHolds = (): void => {
  for (const hold of holds) hold.release();
};
