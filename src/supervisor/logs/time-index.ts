/** Writes the time index of a log (src/logs/time-index.ts). Without one, logs work less well; nothing fails. */
import { closeSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { newId } from '../../core/id.ts';
import type { IndexEntry } from '../../logs/time-index.ts';
import {
  ENTRY_EVERY_MS,
  encodeEntry,
  encodeFile,
  fileId,
  indexPath,
  readIndex,
} from '../../logs/time-index.ts';

export class TimeIndexWriter {
  readonly #log: string;
  #fd: number | null = null;
  #last = -Infinity;
  /** When the log was begun, if the index knows; milliseconds since the epoch. */
  begunAt: number | null = null;
  /** See `fileId`. */
  id: string;

  /** Goes on with the index that is there if it is about this file, else begins a new one. */
  constructor(log: string, inode: number, size: number) {
    this.#log = log;
    this.id = `inode-${inode}`;
    const known = readIndex(log);
    const last = known.entries.at(-1);
    const fits = known.inode === inode && size > 0 && (last === undefined || last.offset <= size);
    try {
      this.#fd = openSync(indexPath(log), 'a', 0o600);
      if (fits) {
        this.begunAt = known.entries[0]?.at ?? null;
        this.id = fileId(known, inode);
        // A crash may have cut the last entry off in its middle.
        writeSync(this.#fd, '\n');
      } else {
        this.id = newId();
        this.restart(inode);
      }
    } catch {
      // The directory may not be ours to write; the log is.
    }
  }

  /** Before a write at `offset`. True about once a second. */
  note(entry: IndexEntry): boolean {
    // Also when the clock was set back.
    if (Math.abs(entry.at - this.#last) < ENTRY_EVERY_MS) return false;
    this.#last = entry.at;
    this.begunAt ??= entry.at;
    this.#write(encodeEntry(entry));
    return true;
  }

  /** The log is empty again. */
  restart(inode: number): void {
    this.#last = -Infinity;
    this.begunAt = null;
    if (this.#fd === null) return;
    try {
      ftruncateSync(this.#fd, 0);
    } catch {
      // See the class.
    }
    this.#write(encodeFile(this.id, inode));
  }

  /** The log has been renamed to this. */
  follow(log: string): void {
    this.close();
    try {
      renameSync(indexPath(this.#log), indexPath(log));
    } catch {
      // There was none.
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(text: string): void {
    if (this.#fd === null) return;
    try {
      writeSync(this.#fd, text);
    } catch {
      // A full disk has room for it later, or not.
    }
  }
}
