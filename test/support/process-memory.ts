/** What a process takes that it shares with no other. */
import { readFileSync } from 'node:fs';

/** Bytes of private memory of process `pid`. */
export const processMemory = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)];
  return kilobytes.reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
};
