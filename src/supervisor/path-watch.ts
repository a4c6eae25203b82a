/**
 * Watches what some paths mean at present. chokidar finds the directories below them and keeps up
 * with new ones; what happens in a directory the kernel tells of the directory itself. A watch for
 * each file, as chokidar has them by default, cost 14 kB each and, for ten thousand, three times
 * the computing.
 */
import { watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface PathWatchListener {
  readonly isIgnored: (path: string) => boolean;
  readonly changed: (path: string) => void;
  /** One of the paths itself, a directory, has been removed. */
  readonly removed: (path: string) => void;
  readonly failed: (path: string, error: unknown) => void;
}

/** From when chokidar finds a new directory to when it watches it, at most. */
const NEW_DIRECTORY_MS = 200;

/** What the kernel told of `watched`, as a path. */
const pathOf = (watched: string, name: string | null): string =>
  name === null || name === basename(watched) ? watched : join(watched, name);

/** Returns what ends it. */
export const watchPaths = (paths: readonly string[], listener: PathWatchListener): (() => void) => {
  const { isIgnored, failed } = listener;
  const open: (() => void)[] = [];
  let ended = false;

  const keep = (close: () => void): void => {
    if (ended) close();
    else open.push(close);
  };
  const changed = (path: string): void => {
    if (!ended) listener.changed(path);
  };

  /** Its directory tells of it: a file may be removed and come back. */
  const watchFile = async (path: string): Promise<void> => {
    for (const one of new Set([path, await realpath(path)])) {
      const watcher = watch(dirname(one), { persistent: false }, (_, name) => {
        if (name === basename(one)) changed(path);
      });
      watcher.on('error', (error) => failed(path, error));
      keep(() => watcher.close());
    }
  };

  const watchDirectories = async (directories: ReadonlySet<string>): Promise<void> => {
    const chokidar = await import('chokidar');
    if (ended) return;
    const watcher = chokidar.watch([...directories], {
      ignored: (path, stats) => isIgnored(path) || stats?.isFile() === true,
      ignoreInitial: true,
      ignorePermissionErrors: true,
    });
    watcher.on('raw', (_, name, details) => {
      const path = pathOf((details as { watchedPath: string }).watchedPath, name);
      if (!directories.has(path) && !isIgnored(path)) changed(path);
    });
    // Whatever was made in it until it was watched.
    watcher.on('addDir', (path) => setTimeout(() => changed(path), NEW_DIRECTORY_MS).unref());
    watcher.on('unlinkDir', (path) => {
      if (!ended && directories.has(path)) listener.removed(path);
    });
    watcher.on('error', (error) =>
      failed((error as NodeJS.ErrnoException).path ?? [...directories].join(', '), error),
    );
    keep(() => void watcher.close());
  };

  const begin = async (): Promise<void> => {
    const directories = new Set<string>();
    for (const path of paths) {
      try {
        if ((await stat(path)).isDirectory()) directories.add(path);
        else await watchFile(path);
      } catch (error) {
        failed(path, error);
      }
    }
    if (directories.size > 0) await watchDirectories(directories);
  };
  void begin().catch((error: unknown) => failed(paths.join(', '), error));

  return () => {
    ended = true;
    for (const close of open.splice(0)) close();
  };
};
