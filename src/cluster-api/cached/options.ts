/** What `cached` was asked for, checked. */
import { SkeinError } from '../../core/errors.ts';
import type { Duration } from '../../core/options.ts';
import { durationOption } from '../../core/options.ts';
import type { Pace } from './record.ts';

interface Common {
  /**
   * How much older than its interval a value may still be given out, while a new one is made or `fn`
   * fails; `Infinity`: for ever. Default: with `every` for ever; with `ttl` `get` waits for the new
   * value, and gives the old one, however old, when `fn` fails.
   */
  readonly stale?: Duration;
  /** A call of `fn` that takes longer has failed with E_CALL_TIMEOUT. Default: 30 s. */
  readonly timeout?: Duration;
  /**
   * From a call that failed to the next, in the whole cluster. Default: the interval of `every`; 1 s with
   * `ttl`, if that is not shorter. While there is no value at all, 1 s at most.
   */
  readonly retry?: Duration;
}

export type CachedOptions =
  /** A new value each interval, asked for or not. */
  | (Common & { readonly every: Duration; readonly ttl?: never })
  /** A new value when somebody asks and the last one is older. */
  | (Common & { readonly ttl: Duration; readonly every?: never });

export interface Settings extends Pace {
  readonly timeoutMs: number;
}

const RETRY_ON_DEMAND_MS = 1_000;

const toStale = (stale: Duration | undefined): number | null => {
  if (stale === undefined) return null;
  return stale === Infinity ? Infinity : durationOption('stale', stale, 0);
};

/** Throws E_BAD_VALUE. */
export const toSettings = ({ every, ttl, stale, timeout, retry }: CachedOptions): Settings => {
  if ((every === undefined) === (ttl === undefined))
    throw new SkeinError('E_BAD_VALUE', {
      option: 'every or ttl',
      value: every === undefined ? 'undefined' : `${every} and ${ttl}`,
      expected: 'one of the two',
      example: "{ every: '10s' }",
    });
  const kind = every === undefined ? 'ttl' : 'every';
  const intervalMs = durationOption(kind, every ?? ttl, kind === 'every' ? 100 : 1);
  const retryMs = kind === 'every' ? intervalMs : Math.min(intervalMs, RETRY_ON_DEMAND_MS);
  return {
    ...{ kind, intervalMs },
    staleMs: toStale(stale),
    retryMs: retry === undefined ? retryMs : durationOption('retry', retry),
    timeoutMs: durationOption('timeout', timeout ?? 30_000),
  };
};
