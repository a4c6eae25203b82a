/**
 * One log file: whole lines go in, in order; it is set aside between two of them. Synchronous: what
 * was given is in the file, or counted as missing, when `append` returns.
 */
import { closeSync, fstatSync, ftruncateSync, renameSync, statSync } from 'node:fs';
import type { SetAside } from '../../logs/set-aside.ts';
import { listSetAside, setAsidePath, stampOf, timeOfStamp } from '../../logs/set-aside.ts';
import { fileId, readIndex } from '../../logs/time-index.ts';
import type { LogRotation } from '../../protocol/app-spec.ts';
import { countLines } from './lines.ts';
import { openLog, reasonOf } from './open-log.ts';
import { fitting, periodEnd } from './rotation.ts';
import { TimeIndexWriter } from './time-index.ts';
import { writeAll } from './write-all.ts';

export interface LogFileSettings {
  readonly rotation: LogRotation;
  /** A line of Skein's own, as this log has its lines. */
  readonly note: (text: string) => Buffer;
}

export interface LogFileHost {
  readonly now: () => number;
  /** Something that whoever looks after the machine should know; rarely more than once a second. */
  readonly tell: (kind: 'log-failed' | 'log-recovered', text: string) => void;
  /** A file has been set aside, or may have been by an earlier supervisor. */
  readonly tidy: (path: string, rotation: LogRotation) => void;
}

/** What of the given lines stands where. */
export type OnWritten = (lines: Buffer, file: string, offset: number) => void;

interface Open {
  readonly fd: number;
  readonly inode: number;
  readonly regular: boolean;
  readonly index: TimeIndexWriter | null;
  size: number;
  begunAt: number;
}

const idOf = ({ index, inode }: Open): string => index?.id ?? `inode-${inode}`;

export interface FileEnd {
  /** See `fileId`; empty when there is no file. */
  readonly file: string;
  readonly offset: number;
}

/** Of a file that nobody writes to now. */
export const endOnDisk = (path: string): FileEnd => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined
    ? { file: '', offset: 0 }
    : { file: fileId(readIndex(path), stat.ino), offset: stat.size };
};

interface Failure {
  readonly reason: string;
  retryAt: number;
  /** Lines that could not be written since. */
  missing: number;
}

const RETRY_MS = 1000;
/** A directory in which nothing may be renamed stays so, mostly. */
const ROTATE_AGAIN_MS = 60_000;

export class LogFile {
  readonly path: string;
  settings: LogFileSettings;
  readonly #host: LogFileHost;
  #open: Open | null = null;
  #failure: Failure | null = null;
  #rotateFrom = 0;
  #lastStamp: number | null = null;

  constructor(path: string, settings: LogFileSettings, host: LogFileHost) {
    this.path = path;
    this.settings = settings;
    this.#host = host;
  }

  /** Where the next line goes. */
  get end(): FileEnd {
    return this.#open === null ? endOnDisk(this.path) : { file: idOf(this.#open), offset: this.#open.size };
  }

  /** @param lines Whole lines, each with its newline */
  append(lines: Buffer, onWritten?: OnWritten): void {
    const now = this.#host.now();
    let left = lines;
    while (left.length > 0) {
      if (this.#failure !== null && now < this.#failure.retryAt) break;
      const count = this.#appendPart(left, now, onWritten);
      if (count === null) break;
      left = left.subarray(count);
    }
    if (left.length === 0 || this.#failure === null) return;
    this.#failure.missing += countLines(left);
    // Who follows sees also what is not kept.
    const { file, offset } = this.end;
    onWritten?.(left, file, offset);
  }

  /** Closed; the next line opens it anew. */
  reopen(): void {
    if (this.#open === null) return;
    closeSync(this.#open.fd);
    this.#open.index?.close();
    this.#open = null;
  }

  /** Emptied, if it is something that can be. Throws what the system says. */
  flush(): boolean {
    const open = (this.#open ??= this.#openNow(this.#host.now()));
    if (!open.regular) return false;
    ftruncateSync(open.fd, 0);
    open.size = 0;
    open.index?.restart(open.inode);
    return true;
  }

  /** How many of these bytes are in a file now; null: it does not work. */
  #appendPart(lines: Buffer, now: number, onWritten: OnWritten | undefined): number | null {
    try {
      const open = this.#ready(now);
      const { maxSizeBytes } = this.settings.rotation;
      const mayRotate = open.regular && now >= this.#rotateFrom;
      const count = mayRotate ? fitting(lines, open.size, maxSizeBytes) : lines.length;
      if (count === 0) {
        this.#rotate(open, now);
        return 0;
      }
      const part = lines.subarray(0, count);
      const { size } = open;
      if (this.#failure !== null) {
        this.#resume(open, this.#failure, part);
        onWritten?.(part, idOf(open), open.size - part.length);
        return count;
      }
      const written = this.#write(open, part, now);
      if (written > 0) onWritten?.(part.subarray(0, written), idOf(open), size);
      return written;
    } catch (error) {
      this.#fail(error, now);
      return null;
    }
  }

  /** The file as it is to be at this moment. */
  #ready(now: number): Open {
    const { everyMs } = this.settings.rotation;
    let open = (this.#open ??= this.#openNow(now));
    const due = everyMs !== null && open.size > 0 && now >= periodEnd(open.begunAt, everyMs);
    if (due && open.regular && now >= this.#rotateFrom) {
      this.#rotate(open, now);
      open = this.#open ??= this.#openNow(now);
    }
    if (open.size === 0) open.begunAt = now;
    if (open.index?.note({ at: now, offset: open.size }) !== true || this.#isWhereItWas(open)) return open;
    this.reopen();
    return (this.#open = this.#openNow(now));
  }

  /** Looked at once a second: somebody may have moved, deleted or emptied it. */
  #isWhereItWas(open: Open): boolean {
    const { size } = fstatSync(open.fd);
    if (size < open.size) open.index?.restart(open.inode);
    open.size = size;
    return statSync(this.path, { throwIfNoEntry: false })?.ino === open.inode;
  }

  #openNow(now: number): Open {
    const { fd, stat, regular, unfinished } = openLog(this.path);
    const index = regular ? new TimeIndexWriter(this.path, stat.ino, stat.size) : null;
    const begunAt = stat.size === 0 ? now : (index?.begunAt ?? stat.birthtimeMs);
    const open = { fd, inode: stat.ino, regular, index, size: regular ? stat.size : 0, begunAt };
    // A supervisor was killed, or a disk was full, in the middle of a line.
    if (unfinished) this.#write(open, Buffer.from('\n'), now);
    if (regular) this.#host.tidy(this.path, this.settings.rotation);
    return open;
  }

  /** How many bytes of whole lines are in the file now: all, unless it has failed. */
  #write(open: Open, lines: Buffer, now: number): number {
    const { bytes, error } = writeAll(open.fd, lines);
    if (open.regular) open.size += bytes;
    if (error === null) return bytes;
    this.#fail(error, now);
    const whole = bytes === 0 ? 0 : lines.lastIndexOf(10, bytes - 1) + 1;
    this.#takeBack(open, bytes - whole);
    return whole;
  }

  /** Half a line must not be followed by another one. */
  #takeBack(open: Open, bytes: number): void {
    if (bytes === 0 || !open.regular) return;
    // The size is asked for: others may append as well.
    ftruncateSync(open.fd, fstatSync(open.fd).size - bytes);
    open.size -= bytes;
  }

  #rotate(open: Open, now: number): void {
    this.#lastStamp ??= timeOfLast(listSetAside(this.path));
    const at = Math.max(now, this.#lastStamp + 1);
    const aside = setAsidePath(this.path, stampOf(at));
    try {
      renameSync(this.path, aside);
    } catch (error) {
      this.#rotateFrom = now + ROTATE_AGAIN_MS;
      this.#host.tell('log-failed', `${this.path} cannot be rotated and goes on: ${reasonOf(error)}`);
      return;
    }
    this.#lastStamp = at;
    open.index?.follow(aside);
    closeSync(open.fd);
    this.#open = null;
    this.#host.tidy(this.path, this.settings.rotation);
  }

  #fail(error: unknown, now: number): void {
    const retryAt = now + RETRY_MS;
    if (this.#failure !== null) {
      this.#failure.retryAt = retryAt;
      return;
    }
    const reason = reasonOf(error);
    this.#failure = { reason, retryAt, missing: 0 };
    this.#host.tell(
      'log-failed',
      `${this.path} cannot be written: ${reason}; the app goes on, its lines are lost`,
    );
  }

  /**
   * Lines after a failure, and in front of them what is missing there. All or nothing: the last
   * block of a full disk has room for the one and not for the others, and it would be said again
   * and again.
   */
  #resume(open: Open, { missing, reason }: Failure, lines: Buffer): void {
    const text = missing === 1 ? '1 line is missing' : `${missing} lines are missing`;
    const { bytes, error } = writeAll(
      open.fd,
      Buffer.concat([this.settings.note(`${text} here: ${reason}`), lines]),
    );
    if (open.regular) open.size += bytes;
    if (error !== null) {
      this.#takeBack(open, bytes);
      throw error;
    }
    this.#failure = null;
    this.#host.tell('log-recovered', `${this.path} is written again; ${text}`);
  }
}

const timeOfLast = (files: readonly SetAside[]): number => {
  const last = files.at(-1);
  return last === undefined ? 0 : timeOfStamp(last.stamp);
};
