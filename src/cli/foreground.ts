/** The holder of `skein run`: a child of ours, in the home of this user or in one of its own. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import type { Home } from '../os/home.ts';
import { homeFrom } from '../os/home.ts';
import { exitCodeOfSignal } from '../os/signals.ts';
import { bootForeground } from './boot.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';
import { prepareHome } from './home-directory.ts';

export interface Foreground {
  readonly home: Home;
  readonly holder: ChildProcess;
  /** The exit code of the holder; what a private home left behind is gone then. */
  readonly ended: Promise<number>;
}

const endOf = async (holder: ChildProcess): Promise<number> => {
  const [code, signal] = (await once(holder, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal === null ? (code ?? 0) : exitCodeOfSignal(signal);
};

const bootIn = async (home: Home, context: Context): Promise<Foreground | undefined> => {
  prepareHome(home);
  const { child, taken } = await bootForeground({ home, env: context.env });
  return taken ? undefined : { home, holder: child, ended: endOf(child) };
};

const bootInOwn = async (context: Context, why: string): Promise<Foreground> => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-run-'));
  print(context.stderr, `skein: ${why}; other commands reach this app with SKEIN_HOME=${dir}`);
  const booted = await bootIn(homeFrom(dir), context);
  if (booted === undefined)
    throw new SkeinError('E_START_FAILED', { home: dir, reason: 'it is in use', log: dir });
  const ended = booted.ended.finally(() => rmSync(dir, { recursive: true, force: true }));
  return { ...booted, ended };
};

export const startForeground = async (context: Context): Promise<Foreground> => {
  const { home, env } = context;
  try {
    const booted = await bootIn(home, context);
    if (booted !== undefined) return booted;
  } catch (error) {
    // Where the user chose no home, a read-only file system (a container's) is no reason to fail.
    const chosen = (env['SKEIN_HOME'] ?? '') !== '';
    if (chosen || !(error instanceof SkeinError) || error.code !== 'E_HOME') throw error;
    return await bootInOwn(context, `${home.dir} cannot be used`);
  }
  return await bootInOwn(context, `another Skein runs in ${home.dir}`);
};
