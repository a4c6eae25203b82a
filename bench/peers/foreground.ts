/** A peer that is one foreground process of ours: started, watched for an early end, terminated. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tracked } from './running.ts';

export interface Foreground {
  readonly pid: number;
  /** Rejects when the process ends; never resolves. To race against. */
  readonly ended: Promise<never>;
  /** SIGTERM, then SIGKILL after 5 s. */
  readonly stop: () => Promise<void>;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

export const startForeground = (
  file: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Foreground => {
  const stop = tracked(async () => {
    if (hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  });
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const { promise: ended, reject } = Promise.withResolvers<never>();
  child.once('error', reject);
  child.once('exit', (code, signal) => reject(new Error(`${file} ended with ${code ?? signal}\n${errors}`)));
  // The end that `stop` causes is no failure of anybody who races against it.
  ended.catch(() => undefined);
  return { pid: child.pid ?? -1, ended, stop };
};
