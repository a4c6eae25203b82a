/** How all apps are together, in one line for `systemctl status`. Pure. */
import type { AppView } from '../../protocol/control.ts';

export interface Status {
  /** None is on its way up any more: each runs, is stopped, or has failed at least once. */
  readonly settled: boolean;
  readonly text: string;
}

const hasFailed = ({ state, workers }: AppView): boolean =>
  state === 'failed' ||
  ((state === 'starting' || state === 'degraded') &&
    workers.some(
      (worker) => worker.state === 'backing-off' || worker.state === 'failed' || worker.restarts > 0,
    ));

const isUp = ({ state }: AppView): boolean => state === 'running' || state === 'reloading';

export const statusOf = (apps: readonly AppView[]): Status => {
  const wanted = apps.filter(({ state }) => state !== 'stopped' && state !== 'stopping');
  const up = wanted.filter(isUp);
  const failed = wanted.filter(hasFailed);
  const failures = failed.length === 0 ? '' : `; not up: ${failed.map(({ name }) => name).join(', ')}`;
  return {
    settled: wanted.every((app) => isUp(app) || hasFailed(app)),
    text: wanted.length === 0 ? 'no apps' : `${up.length} of ${wanted.length} apps up${failures}`,
  };
};
