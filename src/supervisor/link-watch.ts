/**
 * Notices when a path begins to mean another place: a deployment that switches `current` from one
 * release to the next changes no file below it, only the link.
 */
import type { FSWatcher } from 'node:fs';
import { lstatSync, realpathSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The symbolic links among a path and its parents, nearest first. */
const linksOn = (path: string): string[] => {
  const links: string[] = [];
  for (let at = path; at !== dirname(at); at = dirname(at))
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true) links.push(at);
  return links;
};

const meaningOf = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    // Between the old link and the new one.
    return null;
  }
};

/** Returns what ends it. `switched` gets the link and may be called again. */
export const watchLinks = (path: string, switched: (link: string) => void): (() => void) => {
  let meaning = meaningOf(path);
  const watchers: FSWatcher[] = [];
  for (const link of linksOn(path)) {
    try {
      const watcher = watch(dirname(link), { persistent: false }, (_, name) => {
        if (name !== basename(link)) return;
        const now = meaningOf(path);
        if (now === null || now === meaning) return;
        meaning = now;
        switched(link);
      });
      watcher.on('error', () => {});
      watchers.push(watcher);
    } catch {
      // A directory that may not be read: then its links are not ours to notice.
    }
  }
  return () => {
    for (const watcher of watchers) watcher.close();
  };
};
