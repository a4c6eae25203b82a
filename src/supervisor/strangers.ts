/**
 * A process says hello that no holder of ours started: a worker whose holder has died, or one of an
 * app that nobody remembers. It is stopped, if it is one. The word of a worker that runs as another user
 * must not be enough to have any process of the machine ended by root.
 */
import { signalProcess, wasStartedWith } from '../os/proc.ts';
import type { NewEvent } from './events.ts';

/** Whether a process was started as a worker that reports to this socket. */
const isWorkerOf = (pid: number, workerSocket: string): boolean =>
  Number.isInteger(pid) &&
  pid > 1 &&
  (wasStartedWith(pid, JSON.stringify(workerSocket)) ?? process.geteuid?.() !== 0);

export const stopStranger = (pid: number, workerSocket: string, emit: (event: NewEvent) => void): void => {
  const is = isWorkerOf(pid, workerSocket);
  const then = is ? 'it is stopped' : 'it is none of our workers, and left alone';
  emit({
    kind: 'message',
    pid,
    text: `process ${pid} is of a dead holder or of no app that is known; ${then}`,
  });
  if (is) signalProcess(pid, 'SIGTERM');
};
