/** `task()`: a function in a file becomes a function that runs in a thread. */
import { basename } from 'node:path';
import { inspect } from 'node:util';
import type { Transferable } from 'node:worker_threads';
import { SkeinError } from '../core/errors.ts';
import { type Duration, durationOption } from '../core/options.ts';
import { createPool, type Pool } from './pool.ts';
import { taskFile } from './task-file.ts';
import type { Priority } from './task-queue.ts';
import { keyOf } from './thread-messages.ts';
import type { FunctionOf, InputOf, OutputOf } from './task-types.ts';

export interface TaskOptions {
  /** Ends the task, also while it runs: its thread is replaced. The promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** From the call, waiting included; then the task is ended, with E_TASK_TIMEOUT. Default: none. */
  readonly timeout?: Duration | undefined;
  /** What is moved to the thread instead of copied, such as the `buffer` of a Uint8Array. */
  readonly transfer?: readonly Transferable[] | undefined;
  /** Tasks of a lower priority wait for all of a higher. Default: `'normal'`. */
  readonly priority?: Priority | undefined;
}

export interface TaskSettings<Name extends string = 'default'> {
  /** Which export of the file. Default: `default`. */
  readonly export?: Name;
  /** Default: one pool for all tasks of the process. */
  readonly pool?: Pool;
  /** What messages call it. Default: the name of the file, and of the export. */
  readonly name?: string;
  /** For calls that give none. */
  readonly timeout?: Duration;
  readonly priority?: Priority;
}

/** Runs in a thread; rejects as the task throws, or with an error of the pool. */
export type Task<F> = (...args: [...InputOf<F>, options?: TaskOptions]) => Promise<OutputOf<F>>;

type SettingsFor<Source, Name extends string> = Source extends (input: never) => unknown
  ? [settings?: TaskSettings<string>]
  : Name extends 'default'
    ? [settings?: TaskSettings]
    : [settings: TaskSettings<Name> & { readonly export: Name }];

let shared: Pool | undefined;

/** The pool of all tasks that were given no other. */
export const defaultPool = (): Pool => (shared ??= createPool());

const priorities: ReadonlySet<unknown> = new Set<Priority>(['low', 'normal', 'high']);

const checkPriority = (priority: Priority): Priority => {
  if (priorities.has(priority)) return priority;
  throw new SkeinError('E_BAD_VALUE', {
    option: 'task: priority',
    value: priority,
    expected: 'a priority',
    example: "'low', 'normal' or 'high'",
  });
};

/** Where types are not checked, a mistake must not come up in the middle of another task. */
const checkOptions = ({ signal, transfer }: TaskOptions): void => {
  const refuse = (option: string, value: unknown, expected: string, example: string): never => {
    throw new SkeinError('E_BAD_VALUE', { option, value: inspect(value), expected, example });
  };
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    refuse('task: signal', signal, 'an AbortSignal', 'AbortSignal.timeout(5_000)');
  if (transfer !== undefined && !Array.isArray(transfer))
    refuse('task: transfer', transfer, 'a list', '[bytes.buffer]');
};

/**
 * `const resize = task<typeof import('./resize.ts')>(new URL('./resize.ts', import.meta.url))`, then
 * `await resize(input, { signal })`. The type argument carries the types of the task's signature; it
 * is gone at run time, so nothing of the file is loaded in this thread. Without it input and result
 * are `unknown`. Throws E_TASK_FILE when there is no such file, and E_BAD_VALUE.
 */
export const task = <Source = (input: unknown) => unknown, const Name extends string = 'default'>(
  file: URL | string,
  ...[settings = {}]: SettingsFor<Source, Name>
): Task<FunctionOf<Source, Name>> => {
  const path = taskFile(file);
  const exported: string = settings.export ?? 'default';
  const name = settings.name ?? basename(path) + (exported === 'default' ? '' : ` (${exported})`);
  const duration = (value: Duration | undefined): number | undefined =>
    value === undefined ? undefined : durationOption('task: timeout', value);
  const usualTimeout = duration(settings.timeout);
  const usualPriority = checkPriority(settings.priority ?? 'normal');
  const key = keyOf({ file: path, exported });
  const run = (input: unknown, options: TaskOptions = {}): Promise<unknown> => {
    const { signal, timeout, transfer, priority } = options;
    const pool = settings.pool ?? defaultPool();
    try {
      checkOptions(options);
      return pool.submit([key, input], {
        name,
        exported,
        signal,
        transfer,
        timeoutMs: timeout === undefined ? usualTimeout : duration(timeout),
        priority: priority === undefined ? usualPriority : checkPriority(priority),
      });
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return run as unknown as Task<FunctionOf<Source, Name>>;
};
