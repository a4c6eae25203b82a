/** When nobody can serve a request: wait, or say so at once. */
import type { Refused } from '../contract.ts';
import type { Upstream } from './member.ts';

/** Nobody will come by waiting: there is none and none is expected, or a person took them all out. */
const isHopeless = (members: readonly Upstream[], expected: boolean): boolean =>
  !expected && !members.some(({ state, fullWeight }) => state === 'up' && fullWeight > 0);

/** Undefined: it may wait. */
export const whyRefused = (
  members: readonly Upstream[],
  expected: boolean,
  queued: number,
  queueSize: number,
): 'no-upstream' | 'queue-full' | undefined => {
  if (isHopeless(members, expected)) return 'no-upstream';
  return queued >= queueSize ? 'queue-full' : undefined;
};

const SOON_S = 1;

/** After a timeout it is worth as long a pause; a full queue moves all the time. */
export const refusal = (why: Refused['why'], queueTimeoutMs: number): Refused => {
  switch (why) {
    case 'queue-full':
      return { status: 503, why, retryAfterS: SOON_S };
    case 'no-upstream':
    case 'queue-timeout':
      return { status: 503, why, retryAfterS: Math.max(SOON_S, Math.ceil(queueTimeoutMs / 1000)) };
    case 'no-group':
      return { status: 404, why, retryAfterS: null };
    case 'look-up-failed':
      return { status: 502, why, retryAfterS: null };
  }
};
