/**
 * Memory that a process has for itself: what the machine would get back if it ended. RSS would
 * count the node binary's text, which all Node processes share, once for each.
 */
import { readFile } from 'node:fs/promises';

const field = (rollup: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0);

/** Bytes of Private_Clean and Private_Dirty (proc(5), smaps_rollup). */
export const privateBytes = async (pid: number): Promise<number> => {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return (field(rollup, 'Private_Clean') + field(rollup, 'Private_Dirty')) * 1024;
};

export const sumPrivateBytes = async (pids: readonly number[]): Promise<number> => {
  const all = await Promise.all(pids.map(privateBytes));
  return all.reduce((sum, bytes) => sum + bytes, 0);
};
