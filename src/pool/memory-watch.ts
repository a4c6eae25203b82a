/**
 * Ends threads that use too much memory. V8 has a limit of its own for a thread, but it ends the
 * whole process when the thread passes it by more than 16 MB at once, as one large array does
 * (`Worker::NearHeapLimit` in Node's src/node_worker.cc). So that one is set far above the limit
 * that is meant, and the use is looked at from outside.
 */
import type { Worker } from 'node:worker_threads';

const EVERY_MS = 25;

/** So many looks in a row: garbage is collected meanwhile, so what stays above the limit is in use. */
const LOOKS = 10;

/** How far above our limit V8's own is: what a task may take between two looks. */
export const HEADROOM_BYTES: number = 2 ** 30;

export interface MemoryWatchOptions {
  readonly limitBytes: number;
  readonly threads: () => readonly Worker[];
  readonly onOver: (thread: Worker) => void;
}

/** Returns what ends it. A thread is over the limit when it was so for a quarter of a second. */
export const watchMemory = ({ limitBytes, threads, onOver }: MemoryWatchOptions): (() => void) => {
  const seen = new WeakMap<Worker, { asked: boolean; over: number }>();
  const look = async (thread: Worker): Promise<void> => {
    const record = seen.get(thread) ?? { asked: false, over: 0 };
    seen.set(thread, record);
    // A thread that waits for a task answers only when it has one.
    if (record.asked) return;
    record.asked = true;
    try {
      const { used_heap_size: used } = await thread.getHeapStatistics();
      record.over = used > limitBytes ? record.over + 1 : 0;
    } catch {
      // It ended meanwhile.
      record.over = 0;
    }
    record.asked = false;
    if (record.over >= LOOKS) onOver(thread);
  };
  const timer = setInterval(() => {
    for (const thread of threads()) void look(thread);
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
};
