/** write(2) until everything is written. */
import { writeSync } from 'node:fs';

export interface Written {
  readonly bytes: number;
  /** Why it is less than everything. */
  readonly error: NodeJS.ErrnoException | null;
}

/** A write may be short: when the disk fills up, and when a signal comes in between. */
export const writeAll = (fd: number, data: Buffer): Written => {
  let bytes = 0;
  try {
    while (bytes < data.length) bytes += writeSync(fd, data, bytes, data.length - bytes);
    return { bytes, error: null };
  } catch (error) {
    return { bytes, error: error as NodeJS.ErrnoException };
  }
};
