/**
 * What tells one deployment of an app from every other: its generation, which only counts within the
 * life of one holder on one machine. The holder is the parent of all workers; pids come again, so the
 * time it was started belongs to it.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { newId } from '../../core/id.ts';
import { appLink } from '../../protocol/app-link.ts';

/** proc(5): the 22nd field, in ticks since the machine booted. The second, in parentheses, may have spaces. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    // Not Linux: the pid has to do.
    return '';
  }
};

/** Alone every process is a deployment of its own. */
export const deployment = (): string => {
  const link = appLink();
  if (link === undefined) return `${hostname()}-${process.pid}-${newId()}`;
  return `${hostname()}-${process.ppid}-${startOf(process.ppid)}-${link.generation}`;
};
