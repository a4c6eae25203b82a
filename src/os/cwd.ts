/**
 * The working directory as the user sees it. process.cwd() has symbolic links resolved; in a
 * deployment through a link (`current -> releases/42`) the app must be named by the link, so that
 * a later start follows it to the new release. Shells keep that name in PWD (POSIX, `pwd -L`).
 */
import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** `PWD` where it names the present directory, else process.cwd(). */
export const logicalCwd = (env: Readonly<NodeJS.ProcessEnv>): string => {
  const physical = process.cwd();
  const pwd = env['PWD'];
  if (pwd === undefined || !isAbsolute(pwd)) return physical;
  try {
    return realpathSync(pwd) === physical ? pwd : physical;
  } catch {
    return physical;
  }
};
