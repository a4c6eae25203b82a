/** Where a run was made: numbers mean nothing without it. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type, availableParallelism } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  /** The one-minute load average before the run. */
  readonly load: number;
}

const distribution = async (): Promise<string> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? type();
};

export const describeMachine = async (): Promise<Machine> => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: `${type()} ${release()}`,
  system: await distribution(),
  load: loadavg()[0] ?? 0,
});
