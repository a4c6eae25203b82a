/**
 * What the preload takes out of the process before the app's first line, so that neither the app
 * nor anything it starts finds a trace of it.
 */
import { BOOT_VARIABLE, type Boot } from '../protocol/worker.ts';

/** Reads and deletes the `Boot` in `env`; null when there is none or it cannot be read. */
export const takeBoot = (env: NodeJS.ProcessEnv): Boot | null => {
  const text = env[BOOT_VARIABLE];
  if (text === undefined) return null;
  delete env[BOOT_VARIABLE];
  try {
    return JSON.parse(text) as Boot;
  } catch {
    return null;
  }
};

const REQUIRE_FLAGS = new Set(['-r', '--require']);

/**
 * Takes `-r <file>` out of `execArgv`, in place: `child_process.fork` and `cluster.fork` of the app
 * read this very array, and their children are no workers of ours.
 */
export const stripPreload = (execArgv: string[], file: string): void => {
  for (let index = execArgv.length - 1; index >= 0; index--) {
    const flag = execArgv[index]!;
    if (REQUIRE_FLAGS.has(flag) && execArgv[index + 1] === file) execArgv.splice(index, 2);
    else if (flag === `--require=${file}` || flag === `-r=${file}`) execArgv.splice(index, 1);
  }
};
