/**
 * Notices when a path that is watched begins to mean another place: a deployment that switches
 * `current` from one release to the next, a build that removes `dist` and makes it anew. Watches of what was
 * there say nothing of it, so it is looked at by the clock.
 */
import { realpath, stat } from 'node:fs/promises';

const LOOK_MS = 1_000;

/** What a path means; null: nothing at the moment. A file may be replaced and still be that file. */
const meaningOf = async (path: string): Promise<string | null> => {
  try {
    const stats = await stat(path);
    const place = await realpath(path);
    return stats.isDirectory() ? `${place} ${stats.dev} ${stats.ino} ${stats.birthtimeMs}` : place;
  } catch {
    return null;
  }
};

export interface RootWatch {
  /** It is known to have been removed: when it is back, it is another one. */
  removed(path: string): void;
  close(): void;
}

export const watchRoots = (paths: readonly string[], switched: (path: string) => void): RootWatch => {
  const known = new Map<string, string | null>();
  let closed = false;

  const look = async (path: string): Promise<void> => {
    const now = await meaningOf(path);
    const before = known.get(path);
    if (closed || now === before) return;
    // While it is gone there is nothing to run; that it was something is remembered.
    if (now === null) known.set(path, null);
    else {
      known.set(path, now);
      if (before !== undefined) switched(path);
    }
  };
  const lookAtAll = (): void => paths.forEach((path) => void look(path));

  lookAtAll();
  const timer = setInterval(lookAtAll, LOOK_MS).unref();
  return {
    removed: (path) => void (known.has(path) && known.set(path, null)),
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
};
