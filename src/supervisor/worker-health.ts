/** What the app's own health checks say of a worker: read, put into words, told when it changes. */
import type { CheckResult, HealthReport } from '../protocol/app-link.ts';
import type { App } from './app.ts';
import type { WorkerHandle } from './worker-handle.ts';

const isCheck = (value: unknown): value is CheckResult => {
  const { name, ok, ms } = (value ?? {}) as Partial<CheckResult>;
  return typeof name === 'string' && typeof ok === 'boolean' && typeof ms === 'number';
};

/** A report as a worker sent it; null when it is none. */
export const readHealth = (value: unknown): HealthReport | null => {
  const { status, checks } = (value ?? {}) as Partial<HealthReport>;
  if (status !== 'healthy' && status !== 'unhealthy' && status !== 'unknown') return null;
  return { status, checks: Array.isArray(checks) ? checks.filter(isCheck) : [] };
};

/** Its checks do not stand in the way of its being ready. */
export const isHealthy = (health: HealthReport | null): boolean =>
  health === null || health.status === 'healthy';

const failing = (health: HealthReport | null): readonly CheckResult[] =>
  health?.checks.filter(({ ok }) => !ok) ?? [];

/** `database: connection refused; queue: it has not answered yet`. */
export const failingText = (health: HealthReport | null): string =>
  failing(health)
    .map(({ name, reason = 'it failed' }) => `${name}: ${reason}`)
    .join('; ');

const names = (health: HealthReport | null): string =>
  JSON.stringify(
    health?.status === 'unhealthy'
      ? failing(health)
          .map(({ name }) => name)
          .sort()
      : [],
  );

/** An event where other checks fail than before; not each time the reason is put in other words. */
export const tellHealth = (app: App, worker: WorkerHandle, before: HealthReport | null): void => {
  const { health, state } = worker;
  if (health === null || health.status === 'unknown' || names(health) === names(before)) return;
  if (state.name !== 'starting' && state.name !== 'ready') return;
  const who = `worker ${worker.tag.slot}`;
  if (health.status === 'healthy') app.tell(worker, 'worker-healthy', `${who} is healthy again`);
  else app.tell(worker, 'worker-unhealthy', `${who} is unhealthy: ${failingText(health)}`);
};
