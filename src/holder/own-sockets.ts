/**
 * Unix sockets of single workers, on which balancers reach them: `<home>/b/<worker id>-<n>.sock`. Made here,
 * so that they are of Skein's user and in its directory whoever the worker runs as; held by the worker
 * alone, so that a dead one is refused at once and no connection waits for it.
 */
import { chmodSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '../os/make-directory.ts';
import type { OwnSocket } from '../protocol/holder.ts';
import type { Bound, BoundHandle } from './handles.ts';
import { bindPipe } from './handles.ts';

export class OwnSockets {
  readonly #dir: string;
  readonly #paths = new Map<string, string[]>();
  #made = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A bound socket, or the negative libuv error number. Whoever gets it closes `handle`. */
  make(id: string): (OwnSocket & { readonly handle: BoundHandle }) | number {
    const paths = this.#paths.get(id) ?? [];
    const path = join(this.#dir, `${id}-${paths.length}.sock`);
    try {
      this.#prepare();
      const bound = bindInPlace(path);
      if (typeof bound === 'number') return bound;
      this.#paths.set(id, [...paths, path]);
      return { path, handle: bound };
    } catch (error) {
      return (error as NodeJS.ErrnoException).errno ?? -constants.errno.EIO;
    }
  }

  /** That worker has ended. */
  remove(id: string): void {
    for (const path of this.#paths.get(id) ?? []) rmSync(path, { force: true });
    this.#paths.delete(id);
  }

  /** What lies there belonged to workers of an earlier holder. */
  #prepare(): void {
    if (this.#made) return;
    makeDirectory(this.#dir);
    chmodSync(this.#dir, 0o700);
    for (const name of readdirSync(this.#dir)) rmSync(join(this.#dir, name), { force: true });
    this.#made = true;
  }
}

/**
 * libuv takes the file of a socket away when the handle that was bound is closed, and ours is closed as
 * soon as the worker has its copy. So it is bound under another name: that is what libuv remembers.
 */
const bindInPlace = (path: string): Bound => {
  const name = `${path}~`;
  rmSync(name, { force: true });
  const bound = bindPipe(name);
  if (typeof bound === 'number') return bound;
  try {
    chmodSync(name, 0o600);
    renameSync(name, path);
  } catch (error) {
    bound.close();
    throw error;
  }
  return bound;
};
