/** The lines of a file from its end. */
import { readSync } from 'node:fs';
import type { StoredLine } from './read-forward.ts';
import type { Segment } from './segments.ts';

const BLOCK = 64 * 1024;

/** Never for a compressed one. The descriptor stays open. */
export function* readBackward(fd: number, { from, to }: Segment): Generator<StoredLine, void, void> {
  let start = to ?? 0;
  // What has been read and not given out yet: from `start` on.
  let held: Buffer = Buffer.alloc(0);
  let size = BLOCK;
  let isLast = true;
  while (start > from) {
    const length = Math.min(size, start - from);
    const block = Buffer.alloc(length);
    readSync(fd, block, 0, length, start - length);
    start -= length;
    held = Buffer.concat([block, held]);
    // The newline at the very end ends the last line and begins none.
    if (isLast && held.at(-1) === 10) held = held.subarray(0, -1);
    isLast = false;
    for (let end = held.lastIndexOf(10); end !== -1; end = held.lastIndexOf(10)) {
      yield { text: held.toString('utf8', end + 1), offset: start + end + 1 };
      held = held.subarray(0, end);
      size = BLOCK;
    }
    // A line of many blocks would be copied once for each.
    size *= 2;
  }
  if (to !== null && to > from) yield { text: held.toString(), offset: from };
}
