/** A pool: which task runs next and what becomes of it. `engine.ts` has the threads. */
import type { Transferable } from 'node:worker_threads';
import { formatDuration } from '../core/duration.ts';
import { SkeinError } from '../core/errors.ts';
import { countOption, type Duration, durationOption, sizeOption } from '../core/options.ts';
import { closeAtEnd } from './close-at-end.ts';
import type { Engine } from './engine.ts';
import { answerError, crashError } from './task-errors.ts';
import { createTaskQueue, type Priority } from './task-queue.ts';
import { processThreadBudget } from './process-threads.ts';
import type { ThreadBudget, WaitingPool } from './thread-budget.ts';
import type { Answer, Assignment } from './thread-messages.ts';
import { createTimings, type Timings } from './timings.ts';

export interface PoolOptions {
  /** The most threads of this pool, within the budget. Default: as many as the budget has. */
  readonly threads?: number;
  /** Tasks that may wait; one more is refused with E_POOL_FULL. Default: 1024. */
  readonly queue?: number;
  /** JavaScript heap of each thread, such as `'128M'`, at least 32 MiB; a task that keeps more for a quarter of a second is ended. Default: Node's own limit. */
  readonly memory?: number | string;
  /** A thread without a task ends after this. Default: `'10s'`. */
  readonly idle?: Duration;
  /** Default: the budget that all pools of the process share. */
  readonly budget?: ThreadBudget;
}

/** Counts since the pool was made, except the first four. */
export interface PoolMetrics {
  /** What the budget allows now. */
  readonly threads: number;
  readonly running: number;
  /** The length of the queue. */
  readonly waiting: number;
  /** Threads that exist, with or without a task. */
  readonly alive: number;
  /** Tasks that returned or threw. */
  readonly completed: number;
  readonly thrown: number;
  readonly cancelled: number;
  readonly timedOut: number;
  /** Refused because the queue was full. */
  readonly refused: number;
  /** Threads that crashed or ran out of memory, with a task or without. */
  readonly crashed: number;
  /** From the call until a thread takes the task. */
  readonly wait: Timings;
  /** From then until it is done. */
  readonly run: Timings;
}

export interface Pool {
  readonly metrics: () => PoolMetrics;
  /** Takes no more tasks, and resolves when all that were taken are done and the threads are gone. */
  readonly close: () => Promise<void>;
  /** Ends all tasks with E_POOL_CLOSED and all threads at once. */
  readonly destroy: () => Promise<void>;
  /** For `task()`: hands a task over. */
  readonly submit: (assignment: Assignment, options: SubmitOptions) => Promise<unknown>;
}

export interface SubmitOptions {
  /** What messages call the task, and its export. */
  readonly name: string;
  readonly exported: string;
  readonly priority: Priority;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly transfer: readonly Transferable[] | undefined;
}

/** The `code` is E_POOL_FULL. */
export class PoolFull extends SkeinError {}

interface Entry extends SubmitOptions {
  readonly assignment: Assignment;
  readonly since: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Ends the thread; only for tasks that can be cancelled. */
  readonly controller: AbortController | undefined;
  /** Takes the timer and the listener away. */
  stopWatching: () => void;
  state: 'waiting' | 'running' | 'settled';
}

/** Node needs about 6 MB in each thread before a task has begun, and V8 room for what is new. */
const MIN_MEMORY_BYTES = 32 * 2 ** 20;

const noop = (): void => {};

/** Threads start with the first task. Throws E_BAD_VALUE. */
export const createPool = (options: PoolOptions = {}): Pool => {
  const { budget = processThreadBudget() } = options;
  const most = options.threads === undefined ? undefined : countOption('pool: threads', options.threads, 1);
  const queueLimit = countOption('pool: queue', options.queue ?? 1_024, 0);
  const idleMs = durationOption('pool: idle', options.idle ?? '10s', 0);
  const memoryBytes =
    options.memory === undefined ? undefined : sizeOption('pool: memory', options.memory, MIN_MEMORY_BYTES);

  const queue = createTaskQueue<Entry>();
  const active = new Set<Entry>();
  const counts = { completed: 0, thrown: 0, cancelled: 0, timedOut: 0, refused: 0, crashed: 0 };
  const wait = createTimings();
  const ran = createTimings();
  let engine: Engine | undefined;
  let loading: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let destroying: Promise<void> | undefined;
  const whenIdle: (() => void)[] = [];

  const closed = (name: string): SkeinError => new SkeinError('E_POOL_CLOSED', { task: name });

  const settle = (entry: Entry): boolean => {
    if (entry.state === 'settled') return false;
    entry.state = 'settled';
    entry.stopWatching();
    return true;
  };

  const answered = (entry: Entry, answer: Answer): void => {
    if (!settle(entry)) return;
    counts.completed += 1;
    if ('length' in answer) {
      entry.resolve(answer[0]);
      return;
    }
    counts.thrown += 1;
    entry.reject(answerError(entry.name, entry.exported, answer));
  };

  const crashed = (entry: Entry, error: unknown): void => {
    if (!settle(entry)) return;
    const seen = crashError(entry.name, error);
    if (seen.code !== 'E_TASK_CLONE') counts.crashed += 1;
    entry.reject(seen);
  };

  const end = (entry: Entry, error: unknown): void => {
    const { state } = entry;
    if (!settle(entry)) return;
    if (state === 'waiting') queue.remove(entry, entry.priority);
    else entry.controller?.abort();
    entry.reject(error);
    checkIdle();
  };

  const checkIdle = (): void => {
    if (active.size > 0 || queue.size > 0) return;
    for (const tell of whenIdle.splice(0)) tell();
  };

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      whenIdle.push(resolve);
      checkIdle();
    });

  const start = (threads: Engine, entry: Entry): void => {
    const began = performance.now();
    entry.state = 'running';
    active.add(entry);
    const free = (): void => {
      const ended = performance.now();
      active.delete(entry);
      // The next task begins before anything else is done: until then a thread is idle.
      budget.give();
      pump();
      ran.record(ended - began);
    };
    const running = threads.run(entry.assignment, active.size, entry.transfer, entry.controller?.signal);
    wait.record(began - entry.since);
    running.then(
      (answer) => {
        free();
        answered(entry, answer);
        checkIdle();
      },
      (error: unknown) => {
        crashed(entry, error);
        const freed = (): void => {
          free();
          checkIdle();
        };
        const ending = threads.ending();
        if (ending === undefined) freed();
        else void ending.then(freed);
      },
    );
  };

  const hasThread = (): boolean => (most === undefined || active.size < most) && budget.take();

  const pump = (): void => {
    if (engine === undefined) return;
    while (queue.size > 0 && (most === undefined || active.size < most)) {
      if (!budget.take()) {
        budget.wait(waitingPool);
        return;
      }
      const entry = queue.shift();
      if (entry === undefined) budget.give();
      else start(engine, entry);
    }
  };

  const waitingPool: WaitingPool = {
    get waiting() {
      return Math.min(queue.size, (most ?? Infinity) - active.size);
    },
    wake: pump,
  };

  const endAll = (error: (entry: Entry) => unknown): void => {
    for (;;) {
      const entry = queue.shift();
      if (entry === undefined) break;
      if (settle(entry)) entry.reject(error(entry));
    }
    for (const entry of active) end(entry, error(entry));
  };

  /** A thread that dies while it boots takes nothing with it: piscina would leave tasks waiting for ever. */
  const onCrash = (error: unknown, none: boolean): void => {
    counts.crashed += 1;
    if (!none || active.size === 0 || engine === undefined) return;
    const broken = engine;
    engine = undefined;
    loading = undefined;
    for (const entry of active) if (settle(entry)) entry.reject(crashError(entry.name, error));
    void broken.destroy();
    if (queue.size > 0) load();
  };

  const load = (): void => {
    loading ??= import('./engine.ts').then(
      ({ startEngine }) => {
        engine = startEngine({ idleMs, memoryBytes, onCrash });
        pump();
      },
      (error: unknown) => {
        // Tasks that come later are told the same, and do not wait for ever.
        loading = undefined;
        endAll(({ name }) => crashError(name, error));
      },
    );
  };

  const watch = (entry: Entry): void => {
    const { signal, timeoutMs, name } = entry;
    const onAbort = (): void => {
      counts.cancelled += 1;
      end(entry, signal?.reason);
    };
    const onTime = (): void => {
      counts.timedOut += 1;
      end(entry, new SkeinError('E_TASK_TIMEOUT', { task: name, timeout: formatDuration(timeoutMs ?? 0) }));
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTime, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    entry.stopWatching = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  };

  /** A task that a thread is free for, or may be lent for, needs no place in the queue. */
  const isFull = (): boolean => {
    const unused = Math.min(budget.most - budget.inUse, (most ?? budget.most) - active.size);
    return queue.size >= queueLimit + Math.max(0, unused);
  };

  const submit: Pool['submit'] = (assignment, submitted) => {
    const { name, signal, timeoutMs } = submitted;
    if (closing !== undefined) return Promise.reject(closed(name));
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    if (isFull()) {
      counts.refused += 1;
      const details = { waiting: String(queue.size), running: String(active.size) };
      return Promise.reject(new PoolFull('E_POOL_FULL', details));
    }
    return new Promise((resolve, reject) => {
      const canEnd = signal !== undefined || timeoutMs !== undefined;
      const entry: Entry = {
        ...submitted,
        assignment,
        resolve,
        reject,
        since: performance.now(),
        controller: canEnd ? new AbortController() : undefined,
        stopWatching: noop,
        state: 'waiting',
      };
      if (canEnd) watch(entry);
      // The usual way when a thread is free; the queue is for those that wait.
      if (engine !== undefined && queue.size === 0 && hasThread()) return start(engine, entry);
      queue.push(entry, entry.priority);
      if (engine === undefined) load();
      else pump();
    });
  };

  const leave = async (): Promise<void> => {
    budget.forget(waitingPool);
    forget();
    await loading;
    await engine?.destroy();
  };

  const close = (): Promise<void> => {
    closing ??= idle().then(leave);
    return closing;
  };

  const destroy = (): Promise<void> => {
    destroying ??= (async () => {
      const closedToo = close();
      endAll(({ name }) => closed(name));
      await engine?.destroy();
      await closedToo;
    })();
    return destroying;
  };

  const forget = closeAtEnd({ close });

  return {
    metrics: () => ({
      threads: Math.min(budget.threads, most ?? budget.threads),
      running: active.size,
      waiting: queue.size,
      alive: engine?.threads() ?? 0,
      ...counts,
      wait: wait.summary(),
      run: ran.summary(),
    }),
    close,
    destroy,
    submit,
  };
};
