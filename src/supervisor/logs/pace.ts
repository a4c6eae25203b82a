/**
 * How long to leave a pipe alone after it has been read. A worker that prints line by line would
 * wake the supervisor for each; left alone for a moment, the kernel collects them. The kernel also
 * keeps them while a supervisor is dead: what waits there is safe, and little is on its way through
 * this process when it is killed. Pure.
 */

/** The longest that a line waits, and the shortest pause that is worth a timer. */
const LONGEST_MS = 10;
const SHORTEST_MS = 1;

/** After this long without output, the next line is the first of something. */
const QUIET_MS = 100;

/**
 * A pipe holds some 280 writes, however small, or 200 KB; then the worker waits for us. So much at
 * once is half of it: fuller, and the pause was too long; less, and it was too short.
 */
const HALF = { bytes: 96 * 1024, lines: 128 } as const;
/** As far as lines have to be counted. */
export const MOST_COUNTED: number = HALF.lines + HALF.lines / 2;

export interface LastRead {
  /** The pause before it. */
  readonly pauseMs: number;
  /** Since the read before it. */
  readonly sinceMs: number;
  readonly bytes: number;
  /** Counted up to `MOST_COUNTED`. */
  readonly lines: number;
}

export const nextPause = ({ pauseMs, sinceMs, bytes, lines }: LastRead): number => {
  const full = Math.max(bytes / HALF.bytes, lines / HALF.lines);
  if (full >= 1.5) return Math.floor(pauseMs / 2);
  if (sinceMs >= QUIET_MS) return SHORTEST_MS;
  return full >= 0.5 ? pauseMs : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, pauseMs * 2));
};
