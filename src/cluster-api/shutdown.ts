/** What an app does before its process ends: under Skein the preload sees to it, alone this file. */
import { isMainThread } from 'node:worker_threads';
import { SkeinError } from '../core/errors.ts';
import type { OrderlyEnd } from '../core/orderly-end.ts';
import { createOrderlyEnd } from '../core/orderly-end.ts';
import { appLink } from '../protocol/app-link.ts';
import type { ShutdownHook, ShutdownTime } from '../protocol/app-link.ts';
import { processWide } from './process-wide.ts';

export interface ShutdownOptions {
  /**
   * `drained` (default): when no connection is left, before the process ends. `draining`: when it
   * begins to leave and accepts no more; WebSockets get their close frame when these hooks are done, or
   * after half of the drain's time.
   */
  readonly when?: ShutdownTime;
}

/** Alone, no kill limit ends a hook that hangs; this is Skein's default for one. */
const LIMIT_MS = 10_000;

const alone = (): Pick<OrderlyEnd, 'add'> =>
  processWide('shutdown', () =>
    isMainThread
      ? createOrderlyEnd({ limitMs: LIMIT_MS, secondSignalEnds: true })
      : // Signals are for the main thread, and it ends the others when it likes.
        { add: () => () => {} },
  );

/**
 * Runs `hook` before this process ends in order: `reload`, scaling down, `stop` and every other end that
 * is asked for; alone, SIGTERM, SIGINT, and when there is nothing left to do. Hooks run one after the
 * other, the last added first, and are awaited; what one throws is logged and the others run. They
 * have the kill limit for it (alone 10 s). Not run by a crash, `process.exit()` or SIGKILL, nor in a thread.
 *
 * Returns what takes the hook off. Throws E_BAD_VALUE.
 */
export const onShutdown = (hook: ShutdownHook, { when = 'drained' }: ShutdownOptions = {}): (() => void) => {
  if (typeof hook !== 'function')
    throw new SkeinError('E_BAD_VALUE', {
      option: 'hook',
      value: String(hook),
      expected: 'a function',
      example: '() => database.end()',
    });
  if (when !== 'drained' && when !== 'draining')
    throw new SkeinError('E_BAD_VALUE', {
      option: 'when',
      value: String(when),
      expected: "'drained' or 'draining'",
      example: "'draining'",
    });
  const link = appLink();
  return link === undefined ? alone().add(hook, when) : link.onShutdown(hook, when);
};
