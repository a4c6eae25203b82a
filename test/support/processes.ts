/** What the kernel says about processes (Linux, proc(5)). */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
};

/** A zombie has ended: only its parent has not looked yet. */
export const isAlive = (pid: number): boolean => {
  const stat = readOr(`/proc/${pid}/stat`, '');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return stat !== '' && state !== 'Z' && state !== 'X';
};

export interface Found {
  readonly pid: number;
  readonly command: string;
}

/** Processes, this one excepted, that have `text` in their environment or command line. */
export const processesWith = (text: string): readonly Found[] => {
  const found: Found[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !isAlive(pid)) continue;
    const command = readOr(`/proc/${pid}/cmdline`, '').replaceAll('\0', ' ').trim();
    if (command.includes(text) || readOr(`/proc/${pid}/environ`, '').includes(text))
      found.push({ pid, command });
  }
  return found;
};

/** Client ports of the connections to `port` that this process has accepted. */
export const acceptedFrom = (pid: number, port: number): ReadonlySet<number> => {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (match?.[1] !== undefined) inodes.add(match[1]);
    } catch {
      // Closed since the directory was read.
    }
  }
  const portOf = (address: string | undefined): number => Number.parseInt(address?.split(':')[1] ?? '', 16);
  const ports = new Set<number>();
  for (const table of ['tcp', 'tcp6']) {
    for (const row of readOr(`/proc/${pid}/net/${table}`, '').split('\n').slice(1)) {
      const fields = row.trim().split(/\s+/);
      if (portOf(fields[1]) === port && inodes.has(fields[9] ?? '')) ports.add(portOf(fields[2]));
    }
  }
  return ports;
};

/** The parent, or null when there is no such process. */
export const parentOf = (pid: number): number | null => {
  const match = /^PPid:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`, ''));
  return match === null ? null : Number(match[1]);
};
