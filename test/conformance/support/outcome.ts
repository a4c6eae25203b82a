/** What became of a case, in few words, so that proxies can be compared that write headers differently. */
import type { Case } from './case.ts';
import type { Seen } from './observe.ts';

export interface Outcome {
  /** Requests that the upstream had whole. */
  readonly reached: number;
  /** A complete answer without an error came to the client. */
  readonly succeeded: boolean;
  /** For people: `400`, `200, 400`, `200 cut`, `no answer`, `200 (2 upstream)`. */
  readonly text: string;
}

const isGood = (status: number): boolean => (status >= 200 && status < 400) || status === 101;

export const outcomeOf = (one: Case, seen: Seen): Outcome => {
  const reached = seen.requests.filter(({ whole }) => whole).length;
  const answers = seen.responses.map(({ status, whole }) => `${status}${whole ? '' : ' cut'}`);
  const expected = one.expect.upstream === 'nothing' || one.expect.upstream === 'nothing whole';
  const wanted = expected ? 0 : one.expect.upstream.filter(({ cut }) => cut === undefined).length;
  return {
    reached,
    succeeded: seen.responses.some(({ status, whole }) => whole && isGood(status)),
    text: [
      answers.length === 0 ? (seen.rest === '' ? 'no answer' : 'no HTTP') : answers.join(', '),
      ...(seen.strays.length > 0 ? ['(nonsense upstream)'] : []),
      ...(reached === wanted ? [] : [`(${reached} upstream)`]),
    ].join(' '),
  };
};

/** In what `ours` lets pass what both others stop; undefined: in nothing. */
export const laxer = (ours: Outcome, others: readonly Outcome[]): string | undefined => {
  if (ours.reached > 0 && others.every(({ reached }) => reached === 0))
    return 'a request reaches the upstream that neither passes on';
  if (ours.succeeded && others.every(({ succeeded }) => !succeeded))
    return 'an answer looks good that neither passes on';
  return undefined;
};
