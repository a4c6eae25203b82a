/** The times of a cron expression. croner is loaded for the first app that has one. */
import { checkCron } from '../config/cron.ts';
import type { CronRestart } from '../protocol/app-spec.ts';

/** The next time behind one, both in milliseconds since the epoch; null: there is none. */
export type TimesAfter = (at: number) => number | null;

/** @throws SkeinError E_CRON: it cannot be read, or no such time will ever come */
export const cronTimes = async (app: string, cron: CronRestart): Promise<TimesAfter> => {
  await checkCron(cron, app);
  const { Cron } = await import('croner');
  const { expression, timeZone } = cron;
  // Paused and without a function it is a calendar: it sets no timer.
  const calendar = new Cron(expression, {
    paused: true,
    ...(timeZone !== null && { timezone: timeZone }),
  });
  return (at) => calendar.nextRun(new Date(at))?.getTime() ?? null;
};
