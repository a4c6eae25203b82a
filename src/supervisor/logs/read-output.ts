/**
 * Reads the output of one worker from the pipe that the holder lends. Every chunk is cut into lines
 * and written before the next is read: order is kept, and between two chunks nothing is only in
 * this process's memory.
 */
import { Socket } from 'node:net';
import type { Stream } from '../../logs/paths.ts';
import type { WorkerTag } from '../../protocol/holder.ts';
import type { RawHandle } from '../holder-client.ts';
import type { Followers } from './followers.ts';
import { Lines, countLines } from './lines.ts';
import type { OutputTail } from './output-tail.ts';
import { MOST_COUNTED, nextPause } from './pace.ts';
import { RestFile } from './rest-file.ts';
import type { WorkerLog } from './worker-log.ts';

export interface OutputOptions {
  readonly handle: RawHandle;
  readonly tag: WorkerTag;
  readonly stream: Stream;
  readonly log: WorkerLog;
  /** Where the line that has begun is kept. */
  readonly restPath: string;
  readonly tail: OutputTail;
  readonly followers: Followers;
}

const READ_AT_ONCE = 256 * 1024;
/** For the beginning of the line that a chunk begins with. */
const HEADROOM = 64 * 1024;

/** One for all pipes: what was read is dealt with before anything else is. */
let memory: Buffer | null = null;
const readBuffer = (): Buffer => (memory ??= Buffer.alloc(HEADROOM + READ_AT_ONCE)).subarray(HEADROOM);

/** Until the end of the pipe. The promise settles when nobody can write to it any more. */
export const readOutput = (options: OutputOptions): Promise<void> =>
  new Promise((resolve) => {
    const { handle, tag, stream, log, tail, followers } = options;
    const restFile = new RestFile(options.restPath);
    const lines = new Lines(restFile.read());
    let pauseMs = 0;
    let readAt = 0;

    const write = (whole: Buffer): void => {
      log.append(whole, followers.onWritten(tag, stream));
      followers.raw(tag, stream, whole);
      tail.add(whole);
    };
    const read = (chunk: Buffer): void => {
      const whole = lines.push(chunk, HEADROOM);
      restFile.save(lines.rest, lines.restLength);
      if (whole !== null) write(whole);
    };
    const pace = (chunk: Buffer): void => {
      const now = performance.now();
      pauseMs = nextPause({
        pauseMs,
        sinceMs: now - readAt,
        bytes: chunk.length,
        lines: countLines(chunk, MOST_COUNTED),
      });
      readAt = now;
      if (pauseMs === 0) return;
      socket.pause();
      setTimeout(() => socket.resume(), pauseMs);
    };

    const socket = new Socket({
      handle,
      readable: true,
      writable: false,
      onread: {
        buffer: readBuffer(),
        callback: (bytes: number, buffer: Buffer) => {
          const chunk = buffer.subarray(0, bytes);
          read(chunk);
          pace(chunk);
          return true;
        },
      },
    } as never);
    socket.on('error', () => {});
    socket.on('close', () => {
      const last = lines.end();
      if (last !== null) write(last);
      restFile.remove();
      log.close();
      resolve();
    });
    socket.resume();
  });
