import { SkeinError } from '../core/errors.ts';

/** Whether the state engine could not be reached, or did not answer: nothing is wrong but that. */
export const isAway = (error: unknown): boolean =>
  error instanceof SkeinError && (error.code === 'E_STATE_AWAY' || error.code === 'E_STATE_IN_DOUBT');
