/**
 * The supervisor's end of the workers' control socket: accepts their connections, reads their
 * messages. Whoever says hello is who the holder says it started; anybody else is turned away.
 */
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { createLineDecoder } from '../core/json-lines.ts';
import type { FromWorker } from '../protocol/worker.ts';
import type { WorkerHandle } from './worker-handle.ts';

export interface WorkerLinkOptions {
  readonly find: (id: string) => WorkerHandle | undefined;
  readonly heard: (worker: WorkerHandle, message: FromWorker) => void;
  /** A process of this home that no holder of ours started. */
  readonly stranger: (pid: number) => void;
}

export const createWorkerLink = ({ find, heard, stranger }: WorkerLinkOptions): Server =>
  createServer((socket) => {
    let worker: WorkerHandle | undefined;
    socket.setEncoding('utf8');
    const decoder = createLineDecoder((value) => {
      if (typeof value !== 'object' || value === null) return;
      const message = value as FromWorker;
      if (message.type === 'hang' && worker === undefined) {
        // From the side thread of a blocked worker, which has a connection of its own.
        const hung = find(message.id);
        if (hung !== undefined) heard(hung, message);
        return;
      }
      if (message.type === 'hello') {
        worker = find(message.id);
        if (worker === undefined) {
          stranger(message.pid);
          socket.destroy();
          return;
        }
        worker.attach(socket);
      }
      if (worker !== undefined) heard(worker, message);
    });
    socket.on('data', (chunk: string) => decoder.push(chunk));
    socket.on('error', () => {});
  });
