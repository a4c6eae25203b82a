/**
 * A limit on how many calls are made at the same time. Not cockatiel's: there a caller that gave up
 * keeps its place in the queue until its turn, so behind calls that hang the queue only grows.
 */
import { SkeinError } from '../core/errors.ts';
import { countOption } from '../core/options.ts';
import { orAborted } from './abort.ts';
import type { Policy } from './policy.ts';
import { toContext } from './policy.ts';

export interface BulkheadOptions {
  /** Calls at the same time. */
  readonly limit: number;
  /** Calls that may wait for their turn. Default: 0. */
  readonly queue?: number;
  /** What the message calls it. Default: `of <limit>`. */
  readonly name?: string;
}

export interface BulkheadMetrics {
  readonly running: number;
  readonly waiting: number;
  /** Calls refused since it was made. */
  readonly refused: number;
}

export interface Bulkhead extends Policy {
  readonly metrics: () => BulkheadMetrics;
}

/**
 * At most `limit` calls at once; more wait in the order they came, and when `queue` are waiting `run`
 * rejects with E_BULKHEAD_FULL. Who gives up while waiting leaves the queue at once; a call that runs
 * on after its caller gave up keeps its place. Throws E_BAD_VALUE.
 */
export const bulkhead = ({ limit, queue = 0, name = `of ${limit}` }: BulkheadOptions): Bulkhead => {
  countOption('bulkhead: limit', limit, 1);
  countOption('bulkhead: queue', queue, 0);
  const waiting = new Set<() => void>();
  let running = 0;
  let refused = 0;

  /** A place is handed from call to call, so that no newcomer slips in between. */
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      running -= 1;
      return;
    }
    waiting.delete(next);
    next();
  };

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (running < limit) {
      running += 1;
      return;
    }
    if (waiting.size >= queue) {
      refused += 1;
      const counts = { running: String(running), waiting: String(waiting.size) };
      throw new SkeinError('E_BULKHEAD_FULL', { name, ...counts });
    }
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      waiting.add(go);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  };

  return {
    run: async (call, options) => {
      const context = toContext(options);
      context.signal.throwIfAborted();
      await enter(context.signal);
      const work = (async () => call(context))().finally(leave);
      return orAborted(work, context.signal);
    },
    metrics: () => ({ running, waiting: waiting.size, refused }),
  };
};
