/**
 * The line that a worker has begun and not ended, on disk: it has been read from the pipe and is
 * not in the log yet, so a supervisor that is killed would take it along. The next one gets the
 * same pipe from the holder and goes on with it.
 *
 * Sixteen bytes for the length of what follows, so that the usual change is one pwrite(2) within
 * one page: it happens or does not. Touched only while a line is unfinished at the end of a read.
 */
import { closeSync, openSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../../os/make-directory.ts';
import type { Stream } from '../../logs/paths.ts';

const HEADER = 16;

const header = (length: number): Buffer => Buffer.from(`${length}`.padEnd(HEADER - 1) + '\n');

const restDir = (logDir: string): string => join(logDir, '.unfinished');

export const restPath = (logDir: string, worker: string, stream: Stream): string =>
  join(restDir(logDir), `${worker}.${stream}`);

/** What is left of workers that are no more. */
export const removeRestsExcept = (logDir: string, workers: ReadonlySet<string>): void => {
  let names: string[] = [];
  try {
    names = readdirSync(restDir(logDir));
  } catch {
    // There has never been one.
  }
  for (const name of names)
    if (!workers.has(name.replace(/\.\w+$/, ''))) rmSync(join(restDir(logDir), name), { force: true });
};

export class RestFile {
  readonly #path: string;
  #fd: number | null = null;
  /** Bytes that the file says it has. */
  #length = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** What an earlier supervisor left here. */
  read(): Buffer {
    try {
      const bytes = readFileSync(this.#path);
      const length = Number(bytes.toString('latin1', 0, HEADER));
      if (!Number.isSafeInteger(length) || length < 0 || HEADER + length > bytes.length)
        return Buffer.alloc(0);
      this.#length = length;
      return bytes.subarray(HEADER, HEADER + length);
    } catch {
      return Buffer.alloc(0);
    }
  }

  /** Before the lines that end in the same chunk are written: to lose them is the smaller evil than
   *  to join two halves of different lines. */
  save(rest: readonly Buffer[], length: number): void {
    if (length === 0 && this.#length === 0) return;
    try {
      this.#fd ??= this.#open();
      const last = rest.at(-1);
      if (rest.length > 1 && last !== undefined && length - last.length === this.#length) {
        writeSync(this.#fd, last, 0, last.length, HEADER + this.#length);
        writeSync(this.#fd, header(length), 0, HEADER, 0);
      } else {
        const bytes = Buffer.concat([header(length), ...rest]);
        writeSync(this.#fd, bytes, 0, bytes.length, 0);
      }
      this.#length = length;
    } catch {
      // A full disk: it stays in memory, and the log file says what is wrong.
    }
  }

  remove(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    else if (this.#length === 0) return;
    this.#fd = null;
    this.#length = 0;
    rmSync(this.#path, { force: true });
  }

  #open(): number {
    makeDirectory(dirname(this.#path));
    // Not `a`: with O_APPEND, Linux ignores the position of a pwrite.
    return openSync(this.#path, this.#length === 0 ? 'w' : 'r+', 0o600);
  }
}
