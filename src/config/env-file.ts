/** Files of environment variables, in the syntax that Node's own --env-file has. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { SkeinError } from '../core/errors.ts';
import type { Place } from './place.ts';
import { placeText } from './place.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
};

export interface EnvFile {
  readonly path: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Where a variable stands, from 1. */
  lineOf(name: string): number | undefined;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * @param path Absolute.
 * @throws SkeinError E_ENV_FILE
 */
export const readEnvFile = (path: string, place: Place): EnvFile => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const reason = reasons[code] ?? message;
    throw new SkeinError('E_ENV_FILE', { place: placeText(place), file: path, reason }, { cause: error });
  }
  return {
    path,
    variables: { ...parseEnv(text) } as Record<string, string>,
    lineOf(name) {
      const lines = text.split('\n');
      const at = lines.findLastIndex((line) =>
        new RegExp(`^\\s*(?:export\\s+)?${escaped(name)}\\s*=`).test(line),
      );
      return at === -1 ? undefined : at + 1;
    },
  };
};
