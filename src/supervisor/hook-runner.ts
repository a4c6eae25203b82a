/** Runs one shell command beside an app: a hook around a rollout. It may take long, hang, or shout. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { formatDuration } from '../core/duration.ts';
import type { Launch } from '../os/switch-user.ts';
import { asUser, findUserSwitch, isSelf } from '../os/switch-user.ts';
import { signalProcess } from '../os/proc.ts';
import { withGivenUmask } from '../os/umask.ts';
import type { RunAs } from '../protocol/app-spec.ts';
import { describeExit } from './restart-policy.ts';

export interface Hook {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly cwd: string;
  /** All of it: the app's, see `appEnv`. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly runAs: RunAs | null;
  /** Ends it as the timeout does. */
  readonly signal?: AbortSignal;
  /** It runs; it leads a process group of its own. */
  readonly onStart?: (pid: number) => void;
}

export type HookOutcome =
  | { readonly ok: true }
  /** `how` follows on "failed with": `exit code 1`. `output`: the last of what it printed. */
  | { readonly ok: false; readonly how: string; readonly output: string };

const MOST_OUTPUT = 4096;
/** From SIGTERM to SIGKILL. */
const KILL_AFTER_MS = 2_000;
/** What it left running in the background may hold its output open. */
const LAST_OUTPUT_MS = 250;

const launchOf = async ({ command, env, runAs }: Hook): Promise<Launch> => {
  const shell: Launch = { file: '/bin/sh', args: ['-c', command], env };
  return runAs === null || isSelf(runAs) ? shell : asUser(shell, runAs, await findUserSwitch());
};

/** The last bytes of both streams, from the first whole line of them on. */
const keepTail = (child: ChildProcess): (() => string) => {
  let kept = Buffer.alloc(0);
  let cut = false;
  const take = (chunk: Buffer): void => {
    const all = Buffer.concat([kept, chunk]);
    cut ||= all.length > MOST_OUTPUT;
    kept = all.subarray(-MOST_OUTPUT);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return () => {
    const text = kept.toString();
    return (cut ? text.slice(text.indexOf('\n') + 1) : text).trimEnd();
  };
};

/** Settles when the command has ended. Never rejects: whatever is wrong is in the outcome. */
export const runHook = async (hook: Hook): Promise<HookOutcome> => {
  if (hook.signal?.aborted === true) return { ok: false, how: 'being cancelled', output: '' };
  const launch = await launchOf(hook);
  try {
    return await ended(hook, launch);
  } catch (error) {
    // What spawn throws at once: a command longer than the kernel takes.
    return { ok: false, how: (error as Error).message, output: '' };
  }
};

const ended = (
  { cwd, timeoutMs, signal, onStart }: Hook,
  { file, args, env }: Launch,
): Promise<HookOutcome> =>
  new Promise((resolve) => {
    const child = withGivenUmask(() =>
      spawn(file, args, {
        cwd,
        env,
        // A process group of its own, so that what it has started ends with it.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    const output = keepTail(child);
    if (child.pid !== undefined) onStart?.(child.pid);
    let stopped: string | null = null;
    let kill: NodeJS.Timeout | undefined;
    const stop = (why: string): void => {
      if (stopped !== null || child.pid === undefined) return;
      stopped = why;
      const group = -child.pid;
      signalProcess(group, 'SIGTERM');
      kill = setTimeout(() => signalProcess(group, 'SIGKILL'), KILL_AFTER_MS);
    };
    const limit = setTimeout(() => stop(`no end within ${formatDuration(timeoutMs)}`), timeoutMs);
    const cancel = (): void => stop('being cancelled');
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();

    const over = (how: string | null): void => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', cancel);
      // The shell is gone, its group may not be.
      if (stopped !== null) signalProcess(-child.pid!, 'SIGKILL');
      clearTimeout(kill);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(how === null ? { ok: true } : { ok: false, how, output: output() });
    };
    child.once('error', (error) => over(error.message));
    child.once('exit', (code, by) => {
      const how = stopped ?? (code === 0 ? null : describeExit({ code, signal: by }));
      const patience = setTimeout(() => over(how), LAST_OUTPUT_MS);
      child.once('close', () => {
        clearTimeout(patience);
        over(how);
      });
    });
  });
