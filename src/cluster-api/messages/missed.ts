/** What a broadcast came to. */
import { SkeinError } from '../../core/errors.ts';
import type { Member } from './member.ts';
import { nameOf } from './member.ts';
import type { Outcome } from './parcel.ts';

/** How many took it. Throws E_MESSAGE_MISSED, or what kept it from all of them. */
export const missed = (
  topic: string,
  outcomes: readonly (readonly [Member, Outcome])[],
  ownNode: string,
): number => {
  const failed = outcomes.flatMap(([member, outcome]) =>
    outcome.is === 'failed' ? [{ member, error: outcome.error }] : [],
  );
  const taken = outcomes.filter(([, { is }]) => is === 'taken').length;
  const [first] = failed;
  if (first === undefined) return taken;
  const { code } = first.error;
  // The engine is away, or there is too much on its way: the same for all of them.
  if (
    taken === 0 &&
    /^E_STATE_|^E_MESSAGE_FULL$/.test(code) &&
    failed.every(({ error }) => error.code === code)
  )
    throw first.error;
  const failures = failed
    .map(({ member, error }) => `${nameOf(member, ownNode)} (${error.message})`)
    .join('; ');
  throw new SkeinError(
    'E_MESSAGE_MISSED',
    { topic, taken: `${taken}`, all: `${taken + failed.length}`, failures },
    { cause: new AggregateError(failed.map(({ error }) => error)) },
  );
};
