/** What is said when a worker ends without being asked to. Pure. */
import type { Exit } from '../protocol/holder.ts';
import type { NewEvent } from './events.ts';
import { describeExit } from './restart-policy.ts';
import type { Verdict } from './worker-state.ts';

/** `inFlight`: requests begun and not finished, as of the worker's last report. */
export const crashEvent = (
  slot: number,
  exit: Exit,
  verdict: Verdict,
  inFlight: number,
): Pick<NewEvent, 'kind' | 'text'> => {
  const how = `worker ${slot} ended with ${describeExit(exit)}`;
  const lost =
    inFlight === 0
      ? ''
      : inFlight === 1
        ? '; 1 request was in flight in it'
        : `; ${inFlight} requests were in flight in it`;
  switch (verdict.then) {
    case 'stay-stopped':
      return { kind: 'worker-stopped', text: `${how} and is not restarted${lost}` };
    case 'give-up':
      return {
        kind: 'app-failed',
        text: `${how}; ${verdict.reason}, so it is not restarted any more${lost}`,
      };
    case 'restart':
      return {
        kind: 'worker-crashed',
        text: `${how}; restarted ${verdict.afterMs === 0 ? 'at once' : `in ${verdict.afterMs} ms`}${lost}`,
      };
  }
};
