/** What the kernel knows about processes and dropped connections: proc(5). Linux; null elsewhere. */
import { readFileSync, readdirSync } from 'node:fs';

/** USER_HZ; 100 on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

export interface ProcessStat {
  readonly ppid: number;
  /** User and system time since the start. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** The fields of /proc/<pid>/stat; null when the process is gone. */
export const processStat = (pid: number): ProcessStat | null => {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    ppid: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * PAGE,
  };
};

/** Proportional set size from smaps_rollup: shared pages divided by how many processes share them. */
export const pssBytes = (pid: number): number | null => {
  const match = read(`/proc/${pid}/smaps_rollup`)?.match(/^Pss:\s+(\d+) kB/m);
  return match?.[1] === undefined ? null : Number(match[1]) * 1024;
};

/** Resident bytes of each of these processes with all of their descendants. One pass over /proc. */
export const treeRssBytes = (roots: readonly number[]): Map<number, number> => {
  const children = new Map<number, number[]>();
  const rss = new Map<number, number>();
  for (const name of safeList('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = processStat(pid);
    if (stat === null) continue;
    rss.set(pid, stat.rssBytes);
    const siblings = children.get(stat.ppid);
    if (siblings === undefined) children.set(stat.ppid, [pid]);
    else siblings.push(pid);
  }
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), rss.get(pid) ?? 0);
  return new Map(roots.map((pid) => [pid, sum(pid)]));
};

const safeList = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

/**
 * Connections that the kernel dropped because an accept queue was full, on this machine's network
 * namespace since boot: ListenOverflows of /proc/net/netstat.
 */
export const listenOverflows = (): number => {
  const lines = (read('/proc/net/netstat') ?? '').split('\n').filter((line) => line.startsWith('TcpExt:'));
  const column = lines[0]?.split(' ').indexOf('ListenOverflows') ?? -1;
  return column === -1 ? 0 : Number(lines[1]?.split(' ')[column] ?? 0);
};

/**
 * A zombie has ended; only its parent has not asked how yet. An orphan's parent is process 1, and in
 * a container that is often a program that never asks.
 */
const isZombie = (pid: number): boolean => {
  const text = read(`/proc/${pid}/stat`);
  return text !== null && text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) === 'Z';
};

/** Whether a process with this pid runs, of whichever user. */
export const processExists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Whether a process was started with this text in its environment; null where the kernel does not
 * tell. What it changed there since does not count.
 */
export const wasStartedWith = (pid: number, text: string): boolean | null => {
  if (read('/proc/self/environ') === null) return null;
  return read(`/proc/${pid}/environ`)?.includes(text) ?? false;
};

/** As kill(2), a negative pid meaning the group; who is gone already is no error. */
export const signalProcess = (pid: number, signal: string): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
