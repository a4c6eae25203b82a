/** How requests end, in the letters of `Termination`. */
import type { FromClient, Refused, Termination, TunnelEnded } from './contract.ts';

export const NORMAL: Termination = { who: '-', phase: '-' };
export const REFUSED: Termination = { who: 'P', phase: 'R' };
/** The request did not come whole in time. */
export const LATE: Termination = { who: 'c', phase: 'R' };

type Phase = Termination['phase'];

/** Where a try may fail: connecting, before the head, in the body. */
export const failedAs = (
  failure: 'connect' | 'closed' | 'timeout' | 'bad',
  timedOut: boolean,
  phase: Phase,
): Termination => {
  if (failure === 'bad') return { who: 'P', phase };
  return { who: timedOut ? 's' : 'S', phase };
};

export const refusedAs = ({ why }: Refused): Termination => {
  switch (why) {
    case 'no-upstream':
      return { who: 'S', phase: 'C' };
    case 'queue-full':
      return { who: 'R', phase: 'Q' };
    case 'queue-timeout':
      return { who: 's', phase: 'Q' };
    case 'no-group':
      return REFUSED;
    case 'look-up-failed':
      return { who: 'I', phase: 'R' };
  }
};

export const goneAs = (why: Parameters<FromClient['onGone']>[0], phase: Phase): Termination => {
  switch (why) {
    case 'closed':
    case 'reset':
      return { who: 'C', phase };
    case 'header-timeout':
    case 'body-timeout':
    case 'write-timeout':
      return { who: 'c', phase };
    case 'refused':
      return { who: 'P', phase };
  }
};

export const tunnelTermination = (ended: TunnelEnded): Termination => {
  switch (ended) {
    case 'closed':
      return NORMAL;
    case 'client-broke':
      return { who: 'C', phase: 'T' };
    case 'upstream-broke':
      return { who: 'S', phase: 'T' };
    case 'idle':
      return { who: 'c', phase: 'T' };
    case 'drain':
      return { who: 'K', phase: 'T' };
  }
};
