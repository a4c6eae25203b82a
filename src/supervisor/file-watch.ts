/** Looks at the files of one app. chokidar is loaded for the first app that is watched. */
import { stat } from 'node:fs/promises';
import type { FSWatcher } from 'chokidar';
import { watchLinks } from './link-watch.ts';
import type { WatchPlace } from './watch-filter.ts';
import { ignoreFor } from './watch-filter.ts';

export interface FileWatchListener {
  /** `madeAt`: when the file says that it was changed, in milliseconds since the epoch. */
  changed(path: string, madeAt: number): void;
  /** A path cannot be watched; the others are. */
  failed(path: string, reason: string): void;
}

export interface FileWatch {
  close(): void;
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'it is not there';
  if (code === 'ENOSPC') return 'the machine allows no more watches (sysctl fs.inotify.max_user_watches)';
  return code === 'EMFILE' ? 'too many files are open' : message;
};

export const watchFiles = (place: WatchPlace, { changed, failed }: FileWatchListener): FileWatch => {
  let watcher: FSWatcher | null = null;
  let closed = false;
  const { paths } = place.watch;
  const links: (() => void)[] = [];

  const begin = async (): Promise<void> => {
    const there: string[] = [];
    for (const path of paths) {
      try {
        await stat(path);
        there.push(path);
      } catch (error) {
        if (!closed) failed(path, reasonOf(error));
      }
    }
    if (closed || there.length === 0) return;
    const { watch } = await import('chokidar');
    if (closed) return;
    const next = watch(there, {
      ignored: ignoreFor(place),
      ignoreInitial: true,
      ignorePermissionErrors: true,
      alwaysStat: true,
    });
    next.on('all', (_, path, stats) => changed(path, stats?.ctimeMs ?? Date.now()));
    next.on('error', (error) =>
      failed((error as NodeJS.ErrnoException).path ?? there.join(', '), reasonOf(error)),
    );
    watcher = next;
    for (const path of there) links.push(watchLinks(path, beginAnew));
  };

  const end = (): void => {
    void watcher?.close();
    watcher = null;
    for (const close of links.splice(0)) close();
  };

  const start = (): void => void begin().catch((error: unknown) => failed(paths.join(', '), reasonOf(error)));

  /** What is below the link is all other files now. */
  const beginAnew = (link: string): void => {
    changed(link, Date.now());
    end();
    start();
  };
  start();

  return {
    close() {
      closed = true;
      end();
    },
  };
};
