/** Why a check failed, in one line: whatever it threw. */
import { inspect } from 'node:util';

const MOST = 200;

const firstOf = (error: Error): string | undefined =>
  error instanceof AggregateError && error.errors.length > 0 ? wordsOf(error.errors[0]) : undefined;

/** Node's error for a name with several addresses has no message, only `errors`. */
const wordsOf = (thrown: unknown): string => {
  if (typeof thrown === 'string') return thrown;
  if (!(thrown instanceof Error)) return inspect(thrown, { depth: 0, breakLength: Infinity });
  return thrown.message || firstOf(thrown) || (thrown as NodeJS.ErrnoException).code || thrown.name;
};

export const reasonOf = (thrown: unknown): string => {
  let words: string;
  try {
    words = wordsOf(thrown);
  } catch {
    // A getter of its own threw in turn.
    words = 'it threw something that cannot be shown';
  }
  const line = words.replace(/\s+/g, ' ').trim();
  return (line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line) || 'it failed';
};
