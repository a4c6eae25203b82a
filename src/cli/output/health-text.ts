/** What the apps' own health checks say, for people. */
import type { AppView, WorkerView } from '../../protocol/control.ts';

type Checked = Pick<WorkerView, 'slot' | 'state' | 'health'>;

const serves = ({ state }: Checked): boolean => state === 'ready' || state === 'starting';

const isUnhealthy = (worker: Checked): boolean => serves(worker) && worker.health?.status === 'unhealthy';

/** Behind a state: `, unhealthy`, or how many of several workers are. */
export const unhealthyMark = (workers: readonly Checked[]): string => {
  const count = workers.filter(isUnhealthy).length;
  if (count === 0) return '';
  return count === workers.length ? ', unhealthy' : `, ${count} unhealthy`;
};

/** A line for each worker that is not well: `api: worker 0 is unhealthy: database: connection refused`. */
export const unhealthyLines = ({ name, workers }: Pick<AppView, 'name' | 'workers'>): string[] =>
  workers.filter(isUnhealthy).map(({ slot, health }) => {
    const failing = (health?.checks ?? []).filter(({ ok }) => !ok);
    const reasons = failing.map((check) => `${check.name}: ${check.reason ?? 'it failed'}`);
    return `${name}: worker ${slot} is unhealthy: ${reasons.join('; ')}`;
  });

/** All checks of an app, one a line, with who fails them; null when it has none. */
export const checksText = (workers: readonly Checked[]): string | null => {
  const lines = new Map<string, string[]>();
  for (const worker of workers.filter(serves))
    for (const { name, ok, reason = 'it failed' } of worker.health?.checks ?? []) {
      const failing = lines.get(name) ?? [];
      if (!ok) failing.push(`worker ${worker.slot}: ${reason}`);
      lines.set(name, failing);
    }
  if (lines.size === 0) return null;
  return [...lines]
    .map(([name, failing]) => `${name}: ${failing.length === 0 ? 'well' : failing.join(', ')}`)
    .join('\n');
};
