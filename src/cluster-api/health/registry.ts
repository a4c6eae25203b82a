/** All health checks of a process and what they came to last. */
import type { CheckResult, HealthReport } from '../../protocol/app-link.ts';

export interface HealthRegistry {
  has(name: string): boolean;
  /** It has not answered yet. */
  expect(name: string): void;
  note(result: CheckResult): void;
  remove(name: string): void;
  report(): HealthReport;
}

const statusOf = (checks: readonly CheckResult[]): HealthReport['status'] => {
  if (checks.some(({ ok, ms }) => !ok && ms > 0)) return 'unhealthy';
  return checks.every(({ ok }) => ok) ? 'healthy' : 'unknown';
};

/** What somebody far away wants to know of a report: not how long each took. */
const gistOf = ({ checks }: HealthReport): string =>
  JSON.stringify(checks.map(({ name, ok, reason }) => [name, ok, reason]));

/** `changed`: another report than the one before, in more than the time it took. */
export const createHealthRegistry = (changed: (report: HealthReport) => void): HealthRegistry => {
  const results = new Map<string, CheckResult>();
  let told = '[]';

  const report = (): HealthReport => {
    const checks = [...results.values()];
    return { status: statusOf(checks), checks };
  };
  const tell = (): void => {
    const now = report();
    const gist = gistOf(now);
    if (gist === told) return;
    told = gist;
    changed(now);
  };

  return {
    has: (name) => results.has(name),
    expect(name) {
      results.set(name, { name, ok: false, reason: 'it has not answered yet', ms: 0 });
      tell();
    },
    note(result) {
      if (!results.has(result.name)) return;
      results.set(result.name, result);
      tell();
    },
    remove(name) {
      results.delete(name);
      tell();
    },
    report,
  };
};
