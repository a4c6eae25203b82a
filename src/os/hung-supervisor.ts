/**
 * A supervisor that runs and does not answer. Killed, it has a successor within a second, which
 * finds the same workers. Linux; elsewhere none is found.
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Home } from './home.ts';
import { processStat, signalProcess } from './proc.ts';

/** Holder and supervisor set their titles; what runs under a number that was given anew has another. */
const hasTitle = (pid: number, title: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(title);
  } catch {
    return false;
  }
};

const holderOf = ({ holderPid }: Home): number | null => {
  try {
    const { pid } = JSON.parse(readFileSync(holderPid, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' && hasTitle(pid, 'skein holder') ? pid : null;
  } catch {
    return null;
  }
};

const processes = (): number[] => {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
};

/** Kills the supervisor of this home, whatever it is doing; null when there is none. */
export const killSupervisorOf = (home: Home): number | null => {
  const holder = holderOf(home);
  if (holder === null) return null;
  const pid = processes().find(
    (one) => hasTitle(one, 'skein supervisor') && processStat(one)?.ppid === holder,
  );
  if (pid === undefined) return null;
  signalProcess(pid, 'SIGKILL');
  return pid;
};
