/** Any file that describes apps, as a plain value whose parts have lines. What they mean is for others. */
import { readFileSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { SkeinError } from '../../core/errors.ts';
import { isPm2Name } from '../pm2/file.ts';
import { namesFile } from '../script.ts';
import { didYouMean } from '../suggest.ts';
import type { Located } from './data.ts';
import { configEndings, neighboursOf } from './find.ts';

export interface LoadContext {
  /** Where relative paths start, and what messages name files from. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** What a config that is a function is told of `--env <profile>`. */
  readonly profile: string | undefined;
  readonly limitMs?: number;
}

export interface LoadedFile extends Located {
  /** Absolute. */
  readonly path: string;
  /** How messages name it: from the working directory, where it is below that. */
  readonly shown: string;
}

/** A path as messages name it. */
export const shownPath = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
};

const textOf = (path: string, shown: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SkeinError(
      'E_CONFIG',
      {
        file: shown,
        reason: `it cannot be read: ${(error as Error).message}.`,
        hint: 'Name a file that can be read.',
      },
      { cause: error },
    );
  }
};

const readDataFile = async (
  path: string,
  text: string,
  kind: 'json' | 'yaml',
  shown: string,
): Promise<Located> => {
  const { readData } = await import('./data.ts');
  try {
    return await readData(text, kind, shown);
  } catch (error) {
    if (kind !== 'json' || !isPm2Name(path)) throw error;
    const { looseJson } = await import('../pm2/loose-json.ts');
    const value = looseJson(text);
    if (value === undefined) throw error;
    return { value, lineOf: () => undefined };
  }
};

/** JSON that another program has made; relative paths start in the working directory. */
const loadStdin = async ({ cwd }: LoadContext): Promise<LoadedFile> => {
  const shown = 'stdin';
  const { readData } = await import('./data.ts');
  return { path: resolve(cwd, '-'), shown, ...(await readData(await readAll(process.stdin), 'json', shown)) };
};

/**
 * Reads `skein.config.*`, or anything like it, by its ending; `-` is JSON on stdin.
 * @throws SkeinError E_NO_SCRIPT: there is no such file; E_CONFIG with file and line: anything else
 */
export const loadFile = async (name: string, context: LoadContext): Promise<LoadedFile> => {
  if (name === '-') return await loadStdin(context);
  const path = resolve(context.cwd, name);
  const shown = shownPath(path, context.cwd);
  if (!namesFile(path, context.cwd)) {
    throw new SkeinError('E_NO_SCRIPT', {
      path,
      cwd: context.cwd,
      suggestion: didYouMean(name, neighboursOf(path)),
    });
  }
  const text = textOf(path, shown);
  const ending = extname(path).slice(1);
  if (!configEndings.includes(ending)) {
    throw new SkeinError('E_CONFIG', {
      file: shown,
      reason: `nothing is known of files that end in .${ending}.`,
      hint: `A config ends in ${configEndings.map((one) => `.${one}`).join(', ')}.`,
    });
  }
  const isData = ['json', 'yaml', 'yml'].includes(ending);
  const located = isData
    ? await readDataFile(path, text, ending === 'json' ? 'json' : 'yaml', shown)
    : await (await import('./program.ts')).runProgram(path, shown, context);
  return { path, shown, ...located };
};
