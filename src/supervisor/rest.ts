/** When an app has come to rest by itself, and with what exit code. */
import { exitCodeOfSignal } from '../os/signals.ts';
import type { App } from './app.ts';
import { isAlive } from './worker-state.ts';

export const atRest = ({ record, workers }: App): boolean => {
  const all = [...workers.values()];
  if (all.some(({ state }) => isAlive(state) || state.name === 'backing-off')) return false;
  return record.underWay === null && (!record.run || all.length > 0);
};

/** As a shell would say it: 128 and the signal's number for a signal. */
export const exitCodeOf = ({ lastExit }: App): number | null => {
  if (lastExit === null) return null;
  return lastExit.signal === null ? lastExit.code : exitCodeOfSignal(lastExit.signal as NodeJS.Signals);
};
