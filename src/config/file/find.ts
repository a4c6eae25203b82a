/** Which config file is meant when none is named, and which names are those of config files. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SkeinError } from '../../core/errors.ts';

export const configEndings: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'];

const own = new RegExp(`^skein\\.config\\.(?:${configEndings.join('|')})$`);

/** `skein.config.ts`, `ecosystem.config.js`, `apps.json`, `apps.yaml`, `-` (stdin): never a script that is started. */
export const isConfigName = (path: string): boolean =>
  path === '-' || /\.config\.(?:ts|mts|js|mjs|cjs)$|\.(?:json|ya?ml)$/.test(path);

/** Names of what is beside a file. */
export const neighboursOf = (path: string): string[] => {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
};

const configsIn = (dir: string): string[] => {
  try {
    return readdirSync(dir).filter((file) => own.test(file));
  } catch {
    // A directory above ours need not be readable.
    return [];
  }
};

/** Whether somebody else could have laid it there for us to run; root could anything. */
const isForeign = (path: string): boolean => {
  const own = process.getuid?.();
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  return own !== undefined && owner !== undefined && owner !== own && owner !== 0;
};

/**
 * The `skein.config.*` of `cwd` or of the nearest directory above it, undefined where there is none.
 * @throws SkeinError E_CONFIG: one directory has two, or it is above `cwd` and another user's
 */
export const findConfig = (cwd: string): string | undefined => {
  for (let dir = cwd; ; dir = dirname(dir)) {
    const [first, second] = configsIn(dir);
    if (first !== undefined && second !== undefined) {
      throw new SkeinError('E_CONFIG', {
        file: dir,
        reason: `it has both ${first} and ${second}.`,
        hint: 'Keep one of them, or name the one that is meant.',
      });
    }
    if (first !== undefined && dir !== cwd && isForeign(join(dir, first))) {
      throw new SkeinError('E_CONFIG', {
        file: join(dir, first),
        reason: 'it belongs to another user, and was not named.',
        hint: 'If you trust it, name it.',
      });
    }
    if (first !== undefined) return join(dir, first);
    if (dirname(dir) === dir) return undefined;
  }
};
