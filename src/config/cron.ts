/** Whether times of the calendar will ever come. `croner`, which also runs them, is the judge. */
import { SkeinError } from '../core/errors.ts';
import type { CronRestart } from '../protocol/app-spec.ts';
import type { Place } from './place.ts';
import { placeText } from './place.ts';

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** @throws SkeinError E_CRON: no times, no such time zone, or times that never come */
export const checkCron = async ({ expression, timeZone }: CronRestart, place: Place): Promise<void> => {
  const fail = (reason: string, cause?: unknown): SkeinError =>
    new SkeinError('E_CRON', { place: placeText(place), expression, reason }, { cause });
  if (timeZone !== null && !isTimeZone(timeZone))
    throw fail(`there is no time zone ${timeZone} (one is Europe/Berlin)`);
  if (!/^(?:\S+\s+){4,5}\S+$|^@\w+$/.test(expression.trim()))
    throw fail('it does not have five fields, or six with seconds first');
  const { Cron } = await import('croner');
  let next: Date | null;
  try {
    next = new Cron(expression, { paused: true, ...(timeZone !== null && { timezone: timeZone }) }).nextRun();
  } catch (error) {
    throw fail((error as Error).message.replace(/^Cron\w+: |\.$/g, ''), error);
  }
  if (next === null) throw fail('it never comes');
};
