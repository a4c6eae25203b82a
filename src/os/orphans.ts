/**
 * Processes of an installation that run on although their holder is gone: found by what they were
 * started with.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { BOOT_VARIABLE } from '../protocol/worker.ts';

/** In the environment of a state server: the path of its socket. */
export const STATE_SERVER_VARIABLE = 'SKEIN_STATE_SERVER';

const valueOf = (environ: string, name: string): string | undefined => {
  const prefix = `${name}=`;
  return environ
    .split('\0')
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length);
};

/** /proc/<pid>/environ stays as it was at the start, whatever the process does to its own. Pure. */
export const isWorkerOf = (environ: string, socket: string): boolean => {
  const text = valueOf(environ, BOOT_VARIABLE);
  if (text === undefined) return false;
  try {
    return (JSON.parse(text) as { socket?: unknown }).socket === socket;
  } catch {
    return false;
  }
};

/** As above. Pure. */
export const isStateServerOf = (environ: string, socket: string): boolean =>
  valueOf(environ, STATE_SERVER_VARIABLE) === socket;

const environOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // Gone, or of another user.
    return '';
  }
};

const pidsOf = (isOne: (environ: string) => boolean): number[] => {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.map(Number).filter((pid) => Number.isInteger(pid) && isOne(environOf(pid)));
};

/** Pids of the Node workers that report to `socket`. Linux; none elsewhere. */
export const workersOf = (socket: string): number[] => pidsOf((environ) => isWorkerOf(environ, socket));

/** Pids of the state servers that were started for `socket`. Linux; none elsewhere. */
export const stateServersOf = (socket: string): number[] =>
  pidsOf((environ) => isStateServerOf(environ, socket));
