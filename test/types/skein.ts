/** The types of the lifecycle in `skein` as a user meets them; compiled by `npm run types`, never run. */
import {
  type CheckResult,
  health,
  type HealthReport,
  onShutdown,
  ready,
  type ShutdownTime,
  worker,
} from '../../src/entry/skein.ts';
import { same } from './same.ts';

interface Rows {
  readonly rows: readonly unknown[];
}
declare const database: {
  query(text: string, options?: { signal: AbortSignal }): Promise<Rows>;
  end(): Promise<void>;
};

export const lifecycle = (): void => {
  same<ReturnType<typeof ready>, void>(true);
  const off = onShutdown(() => database.end());
  same<typeof off, () => void>(true);
  onShutdown(async () => {
    await database.end();
  });
  onShutdown(() => {}, { when: 'draining' });
  same<ShutdownTime, 'draining' | 'drained'>(true);
};

export const checks = (): void => {
  // Whatever a client gives back: only `false` and an error are failures.
  const end = health.check('database', () => database.query('SELECT 1'));
  same<typeof end, () => void>(true);
  health.check('signal', (signal) => database.query('SELECT 1', { signal }), { every: '10s', timeout: 500 });
  health.check('plain', () => true);
  const report = health.report();
  same<typeof report, HealthReport>(true);
  same<typeof report.status, 'healthy' | 'unhealthy' | 'unknown'>(true);
  same<(typeof report.checks)[number], CheckResult>(true);
};

export const who = (): void => {
  same<typeof worker.app, string>(true);
  same<typeof worker.slot, number>(true);
  same<typeof worker.generation, number>(true);
  same<typeof worker.count, number>(true);
  same<typeof worker.id, string>(true);
};

export const mistakes = (): void => {
  // @ts-expect-error a hook is a function
  onShutdown('SELECT 1');
  // @ts-expect-error there is no such time
  onShutdown(() => {}, { when: 'later' });
  // @ts-expect-error the readiness has no value
  ready(true);
  // @ts-expect-error it is the supervisor that decides
  worker.count = 5;
  // @ts-expect-error a check has a name
  health.check(() => true);
  // @ts-expect-error a check is a function
  health.check('database', database.query('SELECT 1'));
  // @ts-expect-error no unit of time
  health.check('database', () => true, { every: '10 parsecs' });
  // @ts-expect-error a report is for reading
  health.report().status = 'healthy';
};
