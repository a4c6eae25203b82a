/** `every`: a job that the leader runs, at times that are the same for all workers. */
import { parseDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Duration } from '../../core/options.ts';
import { durationOption } from '../../core/options.ts';
import { wholeKey } from '../../state/limits.ts';
import { complain } from '../complain.ts';
import { thisOffice } from '../leader/leader.ts';
import type { Office } from '../leader/office.ts';
import type { Member } from '../member.ts';
import { thisMember } from '../member.ts';
import { cronTicks } from './cron-ticks.ts';
import type { JobContext } from './job.ts';
import { Job } from './job.ts';
import type { Ticks } from './ticks.ts';
import { intervalTicks } from './ticks.ts';

export interface EveryOptions {
  /** Of a cron pattern, such as `Europe/Berlin`. Default: that of the machine. */
  readonly timeZone?: string;
  /**
   * How late a run may still be made whose time came while nobody led; the last such one is, once.
   * Default: 1 min; at least 5 s.
   */
  readonly catchUp?: Duration;
  /**
   * What becomes of a run whose leader died in it. `skip` (default): it is lost, so that no time is run
   * twice. `rerun`: the next leader makes it again, so that every time is run to its end at least once.
   */
  readonly interrupted?: 'skip' | 'rerun';
  /**
   * Told what `fn` throws, E_JOB_SKIPPED when a run outlasts its turn, E_JOB_INTERRUPTED when the run of
   * a leader that died was skipped. Default: a line on stderr.
   */
  readonly onError?: (error: unknown) => unknown;
}

export interface RunningJob {
  readonly name: string;
  /** When its next time comes, whoever leads then. */
  next(): Date | undefined;
  /** Runs it no more in this worker; waits for the run under way. */
  close(): Promise<void>;
}

const refuse = (option: string, value: unknown, expected: string, example: string): SkeinError =>
  new SkeinError('E_BAD_VALUE', {
    option,
    value: typeof value === 'string' ? JSON.stringify(value) : String(value),
    expected,
    example,
  });

const ticksOf = (when: unknown, timeZone: string | undefined): Ticks => {
  const isDuration =
    typeof when === 'number' || (typeof when === 'string' && parseDuration(when) !== undefined);
  if (isDuration) return intervalTicks(durationOption('when', when as Duration, 100));
  if (typeof when === 'string') return cronTicks(when, timeZone);
  throw refuse('when', when, 'a duration or a cron pattern', "'30s' or '0 4 * * *'");
};

type Every = (
  name: string,
  when: string | number,
  fn: (context: JobContext) => unknown,
  options: EveryOptions,
) => RunningJob;

/** The `every` of one member. */
export const createEvery = (member: Member, office: () => Office): Every => {
  const entries = member.state.namespace('job');
  const names = new Set<string>();
  return (name, when, fn, options) => {
    wholeKey(entries.prefix, name);
    const { timeZone, catchUp = 60_000, interrupted = 'skip', onError } = options;
    const ticks = ticksOf(when, timeZone);
    const catchUpMs = durationOption('catchUp', catchUp, 5_000);
    if (typeof fn !== 'function') throw refuse('fn', fn, 'a function', 'async () => { … }');
    if (interrupted !== 'skip' && interrupted !== 'rerun')
      throw refuse('interrupted', interrupted, "'skip' or 'rerun'", "'skip'");
    if (names.has(name))
      throw refuse('name', name, 'free: another job of this process has it', "'nightly report'");
    names.add(name);
    const job = new Job(
      {
        ...{ name, ticks, fn, catchUpMs, rerun: interrupted === 'rerun' },
        onError: onError ?? ((error) => complain(`the job ${name}`, error)),
      },
      { entries, office: office(), leaving: member.leaving },
    );
    return {
      name,
      next() {
        const at = ticks.after(Date.now());
        return at === null ? undefined : new Date(at);
      },
      async close() {
        names.delete(name);
        await job.close();
      },
    };
  };
};

let mine: Every | undefined;

/**
 * Runs `fn` at the times of `when`, on the one worker that leads (see `isLeader`), never twice at once.
 * `when`: a cron pattern of five fields, or six with seconds first, or a duration, whose multiples since
 * 1970 are the times (`'15m'`: at :00, :15, :30, :45). Say it in every worker: each may become the leader.
 *
 * Alone this process runs it. While the state engine is away nobody does; at most one missed run is made
 * up afterwards. Throws E_BAD_VALUE and E_STATE_KEY.
 */
export const every = (
  name: string,
  when: Duration | (string & {}),
  fn: (context: JobContext) => unknown,
  options: EveryOptions = {},
): RunningJob => (mine ??= createEvery(thisMember(), thisOffice))(name, when, fn, options);
