/** When a log file is full, and what may be thrown away of those set aside. Pure. */
import type { SetAside } from '../../logs/set-aside.ts';
import type { LogRotation } from '../../protocol/app-spec.ts';

const DAY_MS = 86_400_000;

/** Days are counted by the calendar: one of them may have 23 or 25 hours. */
const startOfDay = (at: number, days = 0): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
};

/** The number of the local day of `at`. */
const dayNumber = (at: number): number => {
  const date = new Date(at);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
};

/**
 * The end of the period in which a file was begun, in milliseconds since the epoch. Periods are
 * counted from local midnight; those of several days from a midnight long ago, so that it does not
 * matter when the supervisor was started. Each day begins a period of its own.
 */
export const periodEnd = (begunAt: number, everyMs: number): number => {
  if (everyMs >= DAY_MS) {
    const days = Math.floor(everyMs / DAY_MS);
    return startOfDay(begunAt, days - (dayNumber(begunAt) % days));
  }
  const midnight = startOfDay(begunAt);
  const end = midnight + (Math.floor((begunAt - midnight) / everyMs) + 1) * everyMs;
  return Math.min(end, startOfDay(begunAt, 1));
};

/** How much of `lines` (whole ones) still goes into a file of this size; 0: it is full. */
export const fitting = (lines: Buffer, size: number, maxSize: number | null): number => {
  if (maxSize === null || size + lines.length <= maxSize) return lines.length;
  const room = maxSize - size;
  const end = room > 0 ? lines.lastIndexOf(10, room - 1) + 1 : 0;
  if (end > 0 || size > 0) return end;
  // One line is larger than a file may be: it has one of its own.
  return lines.indexOf(10) + 1;
};

export interface SizedSetAside extends SetAside {
  readonly bytes: number;
}

/** Those beyond what is to be kept. @param files The oldest first. */
export const surplus = (
  files: readonly SizedSetAside[],
  { keep, maxTotalBytes }: Pick<LogRotation, 'keep' | 'maxTotalBytes'>,
): SizedSetAside[] => {
  let bytes = 0;
  return files.toReversed().filter((file, index) => {
    bytes += file.bytes;
    return index >= keep || (maxTotalBytes !== null && bytes > maxTotalBytes);
  });
};
