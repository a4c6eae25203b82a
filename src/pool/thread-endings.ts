/**
 * Threads that have been told to end and still compute: `terminate` takes effect at once in
 * JavaScript, but a thread inside a native function goes on to its end (`Worker::Exit` in Node's
 * src/node_worker.cc). Piscina forgets a thread when it tells it to end.
 */
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';

export interface ThreadEndings {
  /** Settles when the thread that was told to end last has done so; undefined when all have. Once for each. */
  readonly claim: () => Promise<void> | undefined;
}

export const watchEndings = (piscina: Piscina): ThreadEndings => {
  const known = new Map<number, Worker>();
  const ending = new Set<Worker>();
  piscina.on('workerCreate', () => {
    for (const thread of piscina.threads) {
      const id = thread.threadId;
      if (known.has(id)) continue;
      known.set(id, thread);
      thread.once('exit', () => {
        known.delete(id);
        ending.delete(thread);
      });
    }
  });
  // A run that rejects does so in a microtask after this.
  piscina.on('workerDestroy', ({ id }: { readonly id: number }) => {
    const thread = known.get(id);
    if (thread !== undefined) ending.add(thread);
  });
  return {
    claim: () => {
      const thread = [...ending].at(-1);
      if (thread === undefined) return undefined;
      ending.delete(thread);
      return new Promise((resolve) => {
        thread.once('exit', () => resolve());
      });
    },
  };
};
