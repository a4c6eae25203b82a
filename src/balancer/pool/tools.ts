/** What pools need from outside; all pools of a balancer share it, and tests put their own clock in. */
import type { Log } from '../../core/log.ts';
import type { State } from '../../state/contract.ts';
import type { PoolMember } from '../contract.ts';
import type { Ticker } from './blocked/ticker.ts';
import { createTicker } from './blocked/ticker.ts';

export interface PoolTools {
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Calls once after so many milliseconds; the answer takes it back. Keeps no process alive. */
  readonly after: (ms: number, call: () => void) => () => void;
  readonly ticker: Ticker;
  readonly log: Log;
  /** Signs sticky cookies. */
  readonly stickyKey: Uint8Array;
  /** What the app of this pool shares (`skein/state`), for splitting by it. */
  readonly state: (pool: string) => State | Promise<State>;
  /** No request goes to this upstream any more: idle connections to it can be closed. */
  readonly gone: (upstream: PoolMember) => void;
}

const after: PoolTools['after'] = (ms, call) => {
  const timer = setTimeout(call, ms).unref();
  return () => clearTimeout(timer);
};

/** Of a real process. `gone`: default nothing. */
export const createPoolTools = (
  own: Pick<PoolTools, 'log' | 'stickyKey' | 'state'> & Partial<Pick<PoolTools, 'gone'>>,
): PoolTools => ({
  now: () => performance.now(),
  random: Math.random,
  after,
  ticker: createTicker(),
  gone: () => {},
  ...own,
});
