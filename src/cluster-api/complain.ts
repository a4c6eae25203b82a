/** What failed where nobody waits for it, as a line on stderr. */
import { inspect } from 'node:util';

export const complain = (what: string, error: unknown): void => {
  process.stderr.write(`skein: ${what}: ${inspect(error)}\n`);
};
