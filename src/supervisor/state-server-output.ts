/** What the state server prints: line by line into the supervisor's log. */
import { Socket } from 'node:net';
import type { Log } from '../core/log.ts';
import type { RawHandle } from './holder-client.ts';

/** Of one line. */
const MOST = 8 * 1024;

export interface StateServerOutput {
  read(stream: 'out' | 'err', handle: RawHandle): void;
  /** The error that was printed last, in one line. */
  lastError(): string | null;
  /** Settles when everything has been read of a process that is gone. */
  ended(): Promise<void>;
}

export const createStateServerOutput = (log: Log): StateServerOutput => {
  const streams: Promise<void>[] = [];
  let error: string | null = null;

  const note = (line: string, stream: 'out' | 'err'): void => {
    if (line.trim() === '') return;
    if (/^\w*Error\b.*: /.test(line) || line.startsWith('FATAL ERROR')) error = line;
    log(stream === 'err' ? 'error' : 'info', line, { from: 'state server' });
  };

  return {
    read(stream, handle) {
      const socket = new Socket({ handle, readable: true, writable: false } as never);
      let rest = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        if (rest.length > MOST) lines.push(rest.slice(0, MOST));
        if (rest.length > MOST) rest = '';
        for (const line of lines) note(line.slice(0, MOST), stream);
      });
      socket.on('error', () => {});
      streams.push(
        new Promise((resolve) => {
          socket.on('close', () => {
            note(rest, stream);
            resolve();
          });
        }),
      );
    },
    lastError: () => error,
    ended: async () => void (await Promise.all(streams)),
  };
};
