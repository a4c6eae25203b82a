/** What failed where nobody waits for it, as a line on stderr. */
import { inspect } from 'node:util';
import { SkeinError } from '../core/errors.ts';

/** An error of Skein's says all in its sentences; of any other the stack is worth having. */
export const complain = (what: string, error: unknown): void => {
  const text = error instanceof SkeinError ? `${error.message} ${error.fix}` : inspect(error);
  process.stderr.write(`skein: ${what}: ${text}\n`);
};
