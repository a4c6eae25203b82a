/** How many threads may compute at the same time: `SKEIN_THREADS`, or as many as there are CPUs. */
import { availableCpus } from './cpus.ts';

export const THREADS_VARIABLE = 'SKEIN_THREADS';

export interface MachineThreads {
  readonly threads: number;
  /** What is wrong with the variable, which then does not count. */
  readonly wrong?: string;
}

export const machineThreads = (env: NodeJS.ProcessEnv): MachineThreads => {
  const text = env[THREADS_VARIABLE];
  const cpus = availableCpus();
  if (text === undefined || text === '') return { threads: cpus };
  if (/^[1-9]\d{0,3}$/.test(text)) return { threads: Number(text) };
  return {
    threads: cpus,
    wrong: `${THREADS_VARIABLE} is not a whole number from 1 to 9999; the number of CPUs, ${cpus}, counts in its place`,
  };
};
