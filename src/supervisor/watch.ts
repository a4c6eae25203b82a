/** What is looked at by the clock: event loops that do not turn, and memory. */
import { processExists, treeRssBytes } from '../os/proc.ts';
import type { App } from './app.ts';
import type { WorkerHandle } from './worker-handle.ts';

const BEAT_EVERY_MS = 50;
/** A worker is blocked when its loop has not turned for this long: 100 ms and one beat. */
const BLOCKED_AFTER_MS = 150;
const MEMORY_EVERY_MS = 1000;
const DEAD_EVERY_MS = 200;

/** How long each beating worker has been silent, of those that have been for too long. Pure. */
export const overdueWorkers = (
  workers: readonly Pick<WorkerHandle, 'beating' | 'lastBeat' | 'gone'>[],
  now: number,
): readonly { readonly index: number; readonly forMs: number }[] =>
  workers.flatMap(({ beating, lastBeat, gone }, index) =>
    beating && !gone && lastBeat !== null && now - lastBeat >= BLOCKED_AFTER_MS
      ? [{ index, forMs: now - lastBeat }]
      : [],
  );

const watchBeats = (apps: () => Iterable<App>): void => {
  let expected = Date.now() + BEAT_EVERY_MS;
  setInterval(() => {
    const now = Date.now();
    const late = now - expected;
    expected = now + BEAT_EVERY_MS;
    // When this process itself was held up, the beats are still in its sockets.
    if (late > BEAT_EVERY_MS) return;
    for (const app of apps()) {
      const workers = [...app.workers.values()];
      for (const { index, forMs } of overdueWorkers(workers, now)) overdue(app, workers[index]!, forMs);
    }
  }, BEAT_EVERY_MS).unref();
};

const watchMemory = (apps: () => Iterable<App>): void => {
  setInterval(() => {
    const limited = [...apps()].flatMap((app) =>
      [...app.workers.values()]
        .filter(({ spec, pid, gone }) => spec.maxMemoryBytes !== null && pid !== null && !gone)
        .map((worker) => ({ app, worker })),
    );
    if (limited.length === 0) return;
    const used = treeRssBytes(limited.map(({ worker }) => worker.pid!));
    for (const { app, worker } of limited) {
      const bytes = used.get(worker.pid!) ?? 0;
      if (bytes > worker.spec.maxMemoryBytes!) overMemory(app, worker, bytes);
    }
  }, MEMORY_EVERY_MS).unref();
};

/** The event loop of a worker has not turned for this long. */
const overdue = (app: App, worker: WorkerHandle, forMs: number): void => {
  const news = worker.silentFor(forMs);
  if (news === null) return;
  if (news.tell !== null) app.tell(worker, news.tell.kind, news.tell.text);
  app.reconcile();
};

const overMemory = (app: App, worker: WorkerHandle, bytes: number): void => {
  if (worker.replace !== null || worker.state.name !== 'ready') return;
  const megabytes = Math.round(bytes / 2 ** 20);
  app.tell(worker, 'worker-over-memory', `worker ${worker.tag.slot} uses ${megabytes} MiB and is replaced`);
  worker.replace = 'memory';
  app.reconcile();
};

export const watchWorkers = (apps: () => Iterable<App>): void => {
  watchBeats(apps);
  watchMemory(apps);
};

/** When the holder is gone nobody else tells of a worker's end, nor how it ended. */
export const watchForTheDead = (apps: () => Iterable<App>): void => {
  setInterval(() => {
    for (const app of apps())
      for (const { tag, pid, gone } of app.workers.values())
        if (!gone && pid !== null && !processExists(pid)) app.exited(tag.id, { code: null, signal: null });
  }, DEAD_EVERY_MS);
};
