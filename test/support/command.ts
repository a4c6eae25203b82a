/** Runs the CLI as its users do: a process with arguments, an environment and an exit code. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ownBin = fileURLToPath(new URL('../../bin/skein.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Of another installation. */
  readonly bin?: string;
  /** The command is killed when it takes longer. */
  readonly limitMs?: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** `env` is the whole environment; fields that are undefined are left out. */
export const runCommand = (args: readonly string[], options: CommandOptions = {}): Running => {
  const begun = performance.now();
  const child = spawn(process.execPath, [options.bin ?? ownBin, ...args], {
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 60_000);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const finish = async (): Promise<Finished> => {
    const [exit, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
    clearTimeout(limit);
    return { ...exit, stdout, stderr, ms: performance.now() - begun };
  };
  return { child, finished: finish() };
};
