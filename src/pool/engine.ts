/** The threads: piscina, as the pool uses it. Piscina never has more tasks than the pool means to run. */
import type { Transferable } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { entryFile } from '../core/entry-url.ts';
import { HEADROOM_BYTES, watchMemory } from './memory-watch.ts';
import type { Answer, Assignment } from './thread-messages.ts';
import { watchEndings } from './thread-endings.ts';

export interface EngineOptions {
  /** A thread that had no task for so long ends. */
  readonly idleMs: number;
  readonly memoryBytes: number | undefined;
  /** A thread ended that had no task; `none`: and no thread is left. */
  readonly onCrash: (error: unknown, none: boolean) => void;
}

export interface Engine {
  /** `running`: tasks under way with this one. Rejects only if the thread ended, or the input cannot be cloned. */
  readonly run: (
    assignment: Assignment,
    running: number,
    transfer: readonly Transferable[] | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<Answer>;
  readonly threads: () => number;
  /** Of a run that rejected: settles when its thread does not compute any more; undefined: it does not. */
  readonly ending: () => Promise<void> | undefined;
  /** Ends all threads, whatever they do. */
  readonly destroy: () => Promise<void>;
}

/** As Node's own error when a thread reaches V8's limit. */
const outOfMemory = (): Error =>
  Object.assign(new Error('The thread reached the limit of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });

export const startEngine = ({ idleMs, memoryBytes, onCrash }: EngineOptions): Engine => {
  const piscina = new Piscina<Assignment, Answer>({
    filename: entryFile('pool-thread'),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: idleMs,
    maxQueue: Number.POSITIVE_INFINITY,
    recordTiming: false,
    ...(memoryBytes === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: Math.ceil((memoryBytes + HEADROOM_BYTES) / 2 ** 20) } }),
  });
  piscina.on('error', (error: unknown) => onCrash(error, piscina.threads.length === 0));
  const endings = watchEndings(piscina);
  const stopWatch =
    memoryBytes === undefined
      ? undefined
      : watchMemory({
          limitBytes: memoryBytes,
          threads: () => piscina.threads,
          // To piscina it is a thread that failed: it ends it and rejects its task with this error.
          onOver: (thread) => void thread.emit('error', outOfMemory()),
        });
  return {
    run: (assignment, running, transfer, signal) => {
      // As many threads as tasks: with more allowed, piscina starts more than it needs while the
      // first ones boot.
      piscina.options.maxThreads = running;
      if (transfer === undefined && signal === undefined) return piscina.run(assignment);
      return piscina.run(assignment, {
        ...(transfer === undefined ? {} : { transferList: [...transfer] as never }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    threads: () => piscina.threads.length,
    ending: endings.claim,
    destroy: () => {
      stopWatch?.();
      return piscina.destroy();
    },
  };
};
