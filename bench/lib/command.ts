/** Runs one command to its end, bounded in time. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until the command is killed; 60 s by default. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the spawn until the process has exited, in milliseconds. */
  readonly wallMs: number;
}

/** Resolves however the command ends. Output that a background process it left behind still holds
 *  open is not waited for. */
export const runCommand = (
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const { env, cwd, timeoutMs = 60_000 } = options;
    const child = spawn(file, args, {
      env,
      cwd,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let wallMs = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    const finish = (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code: child.exitCode, stdout, stderr, wallMs });
    };
    child.once('close', finish);
    child.once('exit', () => {
      wallMs = performance.now() - begun;
      setTimeout(finish, 500).unref();
    });
  });

const tail = (text: string): string => text.trim().split('\n').slice(-8).join('\n');

/** As `runCommand`, but a command that does not exit with 0 throws, with its last output. */
export const expectCommand = async (
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> => {
  const result = await runCommand(file, args, options);
  if (result.code === 0) return result;
  const output = tail(result.stderr) || tail(result.stdout);
  throw new Error(`${[file, ...args].join(' ')} exited with ${result.code ?? 'a signal'}\n${output}`);
};
