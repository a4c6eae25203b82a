/**
 * The output of workers: read from the pipes that the holder lends, cut into whole lines, appended
 * to the app's log files. Written synchronously, chunk by chunk: order is kept, and what was read
 * is in the file even if this process is killed the moment after.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { WorkerTag } from '../protocol/holder.ts';
import type { RawHandle } from './holder-client.ts';

export type Stream = 'out' | 'err';

/** The last output of a worker, both streams as they came, for when it fails. */
export class OutputTail {
  #text = '';

  add(line: string): void {
    this.#text = `${this.#text}${line}\n`.slice(-4096);
  }

  get text(): string {
    return this.#text.trimEnd();
  }
}

/** The log file of an app and stream. */
export const logFile = (dir: string, app: string, stream: Stream): string =>
  join(dir, `${app.replace(/[^\w.@-]/g, '_')}.${stream === 'out' ? 'out' : 'err'}.log`);

export class LogFiles {
  readonly #dir: string;
  readonly #warn: (text: string) => void;
  readonly #open = new Map<string, number>();
  #failing = false;

  constructor(dir: string, warn: (text: string) => void) {
    this.#dir = dir;
    this.#warn = warn;
  }

  append(app: string, stream: Stream, text: string): void {
    const path = logFile(this.#dir, app, stream);
    try {
      let fd = this.#open.get(path);
      if (fd === undefined) {
        fd = openSync(path, 'a', 0o600);
        this.#open.set(path, fd);
      }
      writeSync(fd, text);
      this.#failing = false;
    } catch (error) {
      // Said once, not at every line; the app goes on, and so does the log when there is room.
      if (!this.#failing) this.#warn(`cannot write ${path}: ${(error as Error).message}`);
      this.#failing = true;
    }
  }

  /** Closes the files of one app. */
  close(app: string): void {
    for (const stream of ['out', 'err'] as const) {
      const path = logFile(this.#dir, app, stream);
      const fd = this.#open.get(path);
      if (fd !== undefined) closeSync(fd);
      this.#open.delete(path);
    }
  }

  /** Closes all files; the next line opens them anew (after a rotation from outside). */
  reopen(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

export interface OutputOptions {
  readonly handle: RawHandle;
  readonly tag: WorkerTag;
  readonly stream: Stream;
  readonly files: LogFiles;
  readonly tail: OutputTail;
  /** Called for each whole line while somebody follows. */
  readonly onLines: (tag: WorkerTag, stream: Stream, lines: readonly string[]) => void;
}

/** A line that gets longer, in characters, is broken: what never ends must not fill the memory. */
const MOST_LINE = 1 << 20;

/** Reads one pipe until its end. The promise settles when nobody can write to it any more. */
export const readOutput = ({ handle, tag, stream, files, tail, onLines }: OutputOptions): Promise<void> =>
  new Promise((resolve) => {
    const socket = new Socket({ handle, readable: true, writable: false } as never);
    const decoder = new StringDecoder('utf8');
    /** The line that has begun, in pieces: joined once, however many there are. */
    let rest: string[] = [];
    let length = 0;
    const flush = (text: string): void => {
      files.append(tag.app, stream, text);
      const lines = text.slice(0, -1).split('\n');
      // Only the end of a burst can be the last output.
      for (const line of lines.slice(-40)) tail.add(line);
      onLines(tag, stream, lines);
    };
    const flushRest = (): void => {
      const line = rest.join('');
      rest = [];
      length = 0;
      if (line !== '') flush(`${line}\n`);
    };
    socket.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      const end = text.lastIndexOf('\n') + 1;
      if (end > 0) flush(rest.join('') + text.slice(0, end));
      rest = end > 0 ? [text.slice(end)] : [...rest, text];
      length = (end > 0 ? 0 : length) + text.length - end;
      if (length > MOST_LINE) flushRest();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      rest.push(decoder.end());
      flushRest();
      resolve();
    });
  });
