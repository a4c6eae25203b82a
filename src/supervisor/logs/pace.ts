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

/** So much at once says that the worker may be waiting for us: a pipe holds some 280 writes, however
 *  small, or 200 KB. */
export const MUCH: { readonly bytes: number; readonly lines: number } = { bytes: 16 * 1024, lines: 64 };

export interface LastRead {
  /** The pause before it. */
  readonly pauseMs: number;
  /** Since the read before it. */
  readonly sinceMs: number;
  readonly bytes: number;
  /** Counted up to `MUCH.lines`. */
  readonly lines: number;
}

export const nextPause = ({ pauseMs, sinceMs, bytes, lines }: LastRead): number => {
  if (bytes >= MUCH.bytes || lines >= MUCH.lines) return 0;
  if (sinceMs >= QUIET_MS) return SHORTEST_MS;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, pauseMs * 2));
};
