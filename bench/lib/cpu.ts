/** What processes have worked, in user mode and in the kernel. */
import { readFile } from 'node:fs/promises';

/** Of proc(5): utime and stime are in clock ticks, a hundred a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** Milliseconds since it was started. */
const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

export const sumCpuMs = async (pids: readonly number[]): Promise<number> => {
  const all = await Promise.all(pids.map(cpuMs));
  return all.reduce((sum, ms) => sum + ms, 0);
};
