/** The times of a cron pattern. croner is loaded for the first job that has one. */
import { createRequire } from 'node:module';
import { SkeinError } from '../../core/errors.ts';
import type { Ticks } from './ticks.ts';

/** By `require`, because a pattern that is wrong has to be refused by the call that has it. */
const load = (): typeof import('croner') =>
  createRequire(import.meta.url)('croner') as typeof import('croner');

const refuse = (option: string, value: string, expected: string, example: string, cause?: unknown) =>
  new SkeinError('E_BAD_VALUE', { option, value: JSON.stringify(value), expected, example }, { cause });

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/**
 * Five fields, six with seconds first, or a nickname such as `@daily`; in `timeZone`, or that of the
 * machine. Throws E_BAD_VALUE for what cannot be read and for times that never come.
 */
export const cronTicks = (pattern: string, timeZone: string | undefined): Ticks => {
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw refuse('timeZone', timeZone, 'a time zone', "'Europe/Berlin'");
  const fail = (reason: string, cause?: unknown): SkeinError =>
    refuse('when', pattern, `a time for a job (${reason})`, "'0 4 * * *', '*/10 * * * * *' or '30s'", cause);
  if (!/^(?:\S+\s+){4,5}\S+$|^@\w+$/.test(pattern.trim()))
    throw fail('it is no duration and does not have five fields, or six with seconds first');
  const { Cron } = load();
  try {
    // Paused and without a function it is a calendar: it sets no timer.
    const calendar = new Cron(pattern, {
      paused: true,
      ...(timeZone !== undefined && { timezone: timeZone }),
    });
    if (calendar.nextRun() === null) throw new Error('it never comes');
    return {
      after: (at) => calendar.nextRun(new Date(at))?.getTime() ?? null,
      // Those before a time do not have that time itself.
      latest: (at) => calendar.previousRuns(1, new Date(at + 1))[0]?.getTime() ?? null,
    };
  } catch (error) {
    throw fail((error as Error).message.replace(/^Cron\w+: |\.$/g, ''), error);
  }
};
