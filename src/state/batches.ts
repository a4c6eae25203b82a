/** Work on very many keys, in steps between which the event loop turns. */
import { setImmediate as turn } from 'node:timers/promises';

const BATCH = 256;

/** Calls `work` for each, so many at once; rejects with the first failure and begins nothing more. */
export const inBatches = async (
  keys: readonly string[],
  work: (key: string) => Promise<void>,
  goOn: () => boolean = () => true,
): Promise<void> => {
  for (let from = 0; from < keys.length && goOn(); from += BATCH) {
    // Over an engine in this process nothing else makes it turn.
    if (from > 0) await turn();
    await Promise.all(keys.slice(from, from + BATCH).map(work));
  }
};
