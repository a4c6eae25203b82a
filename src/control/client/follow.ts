/** Following one operation to its end, across the death of the supervisor that runs it. */
import type { Operation } from '../../protocol/control.ts';
import { retryWhileGone } from './retry.ts';

export interface FollowSource {
  /** The operation as it changes; the stream ends with the operation or with the supervisor. */
  readonly open: (id: string) => Promise<AsyncIterable<Operation>>;
  /** What to throw when the stream breaks again and again. */
  readonly gone: (reason: string) => Error;
}

/** Streams that end without having told anything, in a row, until we give up. */
const MAX_SILENT = 4;

/** Calls `onChange` for each state of the operation and returns the last, which is ended. */
export const followOperation = async (
  { open, gone }: FollowSource,
  start: Operation,
  onChange: (operation: Operation) => void,
): Promise<Operation> => {
  let last = start;
  for (let silent = 0; last.state === 'running'; silent += 1) {
    if (silent >= MAX_SILENT) throw gone(`the ${last.verb} of ${last.app} could not be followed`);
    for await (const operation of await retryWhileGone(async () => await open(last.id))) {
      silent = 0;
      last = operation;
      onChange(operation);
    }
  }
  return last;
};
