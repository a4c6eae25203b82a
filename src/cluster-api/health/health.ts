/** `health`: the app says what it cannot do without, and Skein looks at it. */
import { SkeinError } from '../../core/errors.ts';
import type { Duration } from '../../core/options.ts';
import { durationOption } from '../../core/options.ts';
import type { HealthReport } from '../../protocol/app-link.ts';
import { appLink } from '../../protocol/app-link.ts';
import { processWide } from '../process-wide.ts';
import type { HealthCheck } from './check.ts';
import { runCheck } from './check.ts';
import { createHealthRegistry } from './registry.ts';

export interface HealthCheckOptions {
  /** From the end of one run to the next. Default 10 s; more often while a worker waits to be ready. */
  readonly every?: Duration;
  /** From when on it counts as failed. Default 5 s. */
  readonly timeout?: Duration;
}

export interface Health {
  /**
   * Runs `check` now and by the clock, never twice at once. A worker is not ready while a check fails
   * that was added before it listened (or said that it is ready); in one that is ready, a check that
   * fails is only shown: by `skein list`, `skein describe`, `skein events` and `report()`.
   *
   * Returns what ends the check. Throws E_HEALTH_CHECK and E_BAD_VALUE.
   */
  check(name: string, check: HealthCheck, options?: HealthCheckOptions): () => void;
  /** What the checks came to last, in the order in which they were added. For the app's own route. */
  report(): HealthReport;
}

const registry = (): ReturnType<typeof createHealthRegistry> =>
  processWide('health', () => createHealthRegistry((report) => appLink()?.reportHealth(report)));

const LONGEST_NAME = 64;

const refuse = (name: unknown, reason: string): SkeinError =>
  new SkeinError('E_HEALTH_CHECK', { name: typeof name === 'string' ? `'${name}'` : String(name), reason });

const checkName = (name: unknown): string => {
  if (typeof name !== 'string' || name.trim() === '') throw refuse(name, 'it has no name');
  if (name.length > LONGEST_NAME) throw refuse(name, `its name has more than ${LONGEST_NAME} characters`);
  if (/\p{Cc}/u.test(name)) throw refuse(JSON.stringify(name), 'its name has control characters');
  return name;
};

export const health: Health = {
  check(name, check, { every = '10s', timeout = '5s' } = {}) {
    const all = registry();
    checkName(name);
    if (typeof check !== 'function') throw refuse(name, 'it is not a function');
    if (all.has(name)) throw refuse(name, 'there is one of that name');
    const everyMs = durationOption('every', every, 100);
    const timeoutMs = durationOption('timeout', timeout);
    all.expect(name);
    const end = runCheck({
      name,
      check,
      everyMs,
      timeoutMs,
      hurried: () => appLink()?.phase() === 'starting',
      // What it looks at may be closed by the app's shutdown hooks.
      resting: () => appLink()?.phase() === 'drained',
      result: (result) => all.note(result),
    });
    return () => {
      end();
      all.remove(name);
    };
  },
  report: () => registry().report(),
};
