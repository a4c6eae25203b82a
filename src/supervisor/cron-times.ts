/** The times of a cron expression. croner is loaded for the first app that has one. */
import { SkeinError } from '../core/errors.ts';
import type { CronRestart } from '../protocol/app-spec.ts';

/** The next time behind one, both in milliseconds since the epoch; null: there is none. */
export type TimesAfter = (at: number) => number | null;

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat(undefined, { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** @throws SkeinError E_CRON: it cannot be read, or no such time will ever come */
export const cronTimes = async (app: string, { expression, timeZone }: CronRestart): Promise<TimesAfter> => {
  const { Cron } = await import('croner');
  const wrong = (reason: string): SkeinError =>
    new SkeinError('E_CRON', { place: app, expression: `\`${expression}\``, reason });
  if (timeZone !== null && !isTimeZone(timeZone)) throw wrong(`there is no time zone ${timeZone}`);
  try {
    // Paused and without a function it is a calendar: it sets no timer.
    const calendar = new Cron(expression, {
      paused: true,
      ...(timeZone !== null && { timezone: timeZone }),
    });
    const after: TimesAfter = (at) => calendar.nextRun(new Date(at))?.getTime() ?? null;
    if (after(Date.now()) !== null) return after;
  } catch (error) {
    // Less the name of croner's class.
    throw wrong((error as Error).message.replace(/^\w+: /, '').replace(/\.$/, ''));
  }
  throw wrong('that time never comes');
};
