/** Workers that run on although holder and supervisor are both gone: found by what they were started with. */
import { readFileSync, readdirSync } from 'node:fs';
import { BOOT_VARIABLE } from '../protocol/worker.ts';

/** /proc/<pid>/environ stays as it was at the start, whatever the process does to its own. Pure. */
export const isWorkerOf = (environ: string, socket: string): boolean => {
  const prefix = `${BOOT_VARIABLE}=`;
  const text = environ.split('\0').find((line) => line.startsWith(prefix));
  if (text === undefined) return false;
  try {
    return (JSON.parse(text.slice(prefix.length)) as { socket?: unknown }).socket === socket;
  } catch {
    return false;
  }
};

const environOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // Gone, or of another user.
    return '';
  }
};

/** Pids of the Node workers that report to `socket`. Linux; none elsewhere. */
export const workersOf = (socket: string): number[] => {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.map(Number).filter((pid) => Number.isInteger(pid) && isWorkerOf(environOf(pid), socket));
};
