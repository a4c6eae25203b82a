/** Looks at the files of one app, whatever its paths mean in the course of time. */
import { stat } from 'node:fs/promises';
import { watchPaths } from './path-watch.ts';
import { watchRoots } from './root-watch.ts';
import type { WatchPlace } from './watch-filter.ts';
import { ignoreFor } from './watch-filter.ts';

export interface FileWatchListener {
  /** `madeAt`: when the file says that it was changed, in milliseconds since the epoch. */
  changed(path: string, madeAt: number): void;
  /** A path cannot be watched; the others are. Told once for each reason. */
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

export const watchFiles = (place: WatchPlace, listener: FileWatchListener): FileWatch => {
  const { paths } = place.watch;
  const isIgnored = ignoreFor(place);
  const told = new Set<string>();
  let closed = false;

  const failed = (path: string, error: unknown): void => {
    const reason = reasonOf(error);
    // What the whole machine has too little of is not said for each file.
    const key = (error as NodeJS.ErrnoException).code === 'ENOENT' ? path : reason;
    if (closed || told.has(key)) return;
    told.add(key);
    listener.failed(path, reason);
  };

  const changed = async (path: string): Promise<void> => {
    const madeAt = await stat(path).then(
      ({ ctimeMs }) => ctimeMs,
      () => Date.now(),
    );
    if (!closed) listener.changed(path, madeAt);
  };

  const watch = (): (() => void) =>
    watchPaths(paths, {
      isIgnored,
      changed: (path) => void changed(path),
      removed: (path) => roots.removed(path),
      failed,
    });

  const roots = watchRoots(paths, (path) => {
    listener.changed(path, Date.now());
    end();
    end = watch();
  });
  let end = watch();

  return {
    close() {
      closed = true;
      roots.close();
      end();
    },
  };
};
