/** Finds the file of a task. */
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SkeinError } from '../core/errors.ts';

const toPath = (file: URL | string): string | undefined => {
  const text = String(file);
  if (text.startsWith('file:')) return fileURLToPath(text);
  return isAbsolute(text) ? text : undefined;
};

/** A compiler writes `resize.js` for `resize.ts` and leaves the text of a URL as it is. */
const compiled = (path: string): string => path.replace(/\.([cm]?)ts$/, '.$1js');

/**
 * The absolute path of a task file. One that ends in `.ts` is also found as `.js`, where a compiler
 * has put it. Throws E_TASK_FILE when there is none, E_BAD_VALUE for what names no file.
 */
export const taskFile = (file: URL | string): string => {
  const path = toPath(file);
  if (path === undefined)
    throw new SkeinError('E_BAD_VALUE', {
      option: 'task',
      value: String(file),
      expected: 'a file URL or an absolute path',
      example: "new URL('./resize.ts', import.meta.url)",
    });
  const found = [path, compiled(path)].find((one) => existsSync(one));
  if (found === undefined) throw new SkeinError('E_TASK_FILE', { file: path });
  return found;
};
