/**
 * Looks after the files set aside of a log, one log after the other and away from what writes
 * lines: throws away what is beyond the limits, compresses the others, and finishes what an
 * earlier supervisor has begun.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { listSetAside } from '../../logs/set-aside.ts';
import { indexPath } from '../../logs/time-index.ts';
import type { LogRotation } from '../../protocol/app-spec.ts';
import { reasonOf } from './open-log.ts';
import type { SizedSetAside } from './rotation.ts';
import { surplus } from './rotation.ts';

const remove = ({ path, compressed }: Pick<SizedSetAside, 'path' | 'compressed'>, index: boolean): void => {
  rmSync(path, { force: true });
  if (index) rmSync(indexPath(compressed ? path.slice(0, -3) : path), { force: true });
};

const removeParts = (log: string): void => {
  const [dir, prefix] = [dirname(log), `${basename(log)}.`];
  for (const name of readdirSync(dir))
    if (name.startsWith(prefix) && name.endsWith('Z.gz.part')) rmSync(join(dir, name), { force: true });
};

/** With sizes; where a compressed one is whole, its original is removed. */
const setAside = (log: string): SizedSetAside[] => {
  const all = listSetAside(log);
  const compressed = new Set(all.filter((file) => file.compressed).map(({ stamp }) => stamp));
  return all.flatMap((file) => {
    if (!file.compressed && compressed.has(file.stamp)) {
      remove(file, false);
      return [];
    }
    const stat = statSync(file.path, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ ...file, bytes: stat.size }];
  });
};

const tidy = async (log: string, rotation: LogRotation): Promise<void> => {
  removeParts(log);
  for (const file of surplus(setAside(log), rotation)) remove(file, true);
  if (!rotation.compress) return;
  const plain = setAside(log).filter(({ compressed }) => !compressed);
  if (plain.length === 0) return;
  // 1 MB that only who rotates pays for.
  const { compress } = await import('./compress.ts');
  for (const { path } of plain) await compress(path);
  for (const file of surplus(setAside(log), rotation)) remove(file, true);
};

export class Tidier {
  readonly #waiting = new Map<string, LogRotation>();
  readonly #warn: (text: string) => void;
  #busy = false;
  #failed = false;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  readonly request = (log: string, rotation: LogRotation): void => {
    this.#waiting.set(log, rotation);
    if (!this.#busy) void this.#work();
  };

  async #work(): Promise<void> {
    this.#busy = true;
    // Never inside the write that asked for it.
    await nextTurn();
    for (const [log, rotation] of this.#waiting) {
      this.#waiting.delete(log);
      try {
        await tidy(log, rotation);
        this.#failed = false;
      } catch (error) {
        // Tried again after the next rotation.
        if (!this.#failed) this.#warn(`what is set aside of ${log} cannot be tidied: ${reasonOf(error)}`);
        this.#failed = true;
      }
    }
    this.#busy = false;
  }
}
