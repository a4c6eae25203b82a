/** Runs a config that is a program in a process of its own, and takes over what it made. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { formatDuration } from '../../core/duration.ts';
import { entryFile } from '../../core/entry-url.ts';
import { SkeinError } from '../../core/errors.ts';
import { createLineDecoder } from '../../core/json-lines.ts';
import { inheritedEnv } from '../environment.ts';
import { keyText, positionText } from '../place.ts';
import type { Located } from './data.ts';
import type { Evaluated } from './evaluate.ts';
import { scriptLines } from './script-lines.ts';

export interface ProgramContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly profile: string | undefined;
  /** How long it may take. */
  readonly limitMs?: number;
}

const LIMIT_MS = 10_000;

const failed = (reason: string): Evaluated => ({
  kind: 'failed',
  reason,
  isMistake: false,
  line: null,
  elsewhere: null,
});

/** Resolves with what the process says, or with why it says nothing. What it leaves running ends with it. */
const hear = (path: string, { env, profile, limitMs = LIMIT_MS }: ProgramContext): Promise<Evaluated> =>
  new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        // Experimental only for Node: stripping types is how configs are read, in every line we run on.
        '--disable-warning=ExperimentalWarning',
        '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
        entryFile('config-loader'),
        path,
        profile ?? '',
        String(limitMs),
      ],
      {
        cwd: dirname(path),
        env: { ...inheritedEnv(env), PWD: dirname(path) },
        // What it prints is a message; stdout is for what the command says.
        stdio: ['ignore', 2, 2, 'pipe'],
      },
    );
    const end = (evaluated: Evaluated): void => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      pipe.destroy();
      child.unref();
      resolve(evaluated);
    };
    const limit = setTimeout(
      () => end(failed(`it has not come to its end within ${formatDuration(limitMs)}`)),
      limitMs,
    );
    const pipe = child.stdio[3] as Readable;
    const decoder = createLineDecoder((value) => end(value as Evaluated));
    pipe.setEncoding('utf8').on('data', (chunk: string) => decoder.push(chunk));
    child.once('error', (error) => end(failed(error.message)));
    child.once('close', (code, signal) =>
      end(failed(`its process ended with ${signal ?? `exit code ${code}`}`)),
    );
  });

/**
 * @param path Absolute.
 * @param file How messages name it.
 * @throws SkeinError E_CONFIG
 */
export const runProgram = async (path: string, file: string, context: ProgramContext): Promise<Located> => {
  const evaluated = await hear(path, context);
  if (evaluated.kind === 'failed') {
    const { reason, isMistake, line, elsewhere } = evaluated;
    throw new SkeinError('E_CONFIG', {
      file: positionText({ file, line: line ?? undefined }),
      reason: `${reason}${elsewhere === null ? '' : ` (at ${elsewhere})`}.`,
      hint: isMistake
        ? 'Mend it; `skein config check` reads it and does nothing else.'
        : 'A config is evaluated each time it is read: it has to make its value and end.',
    });
  }
  const { value, notPlain } = evaluated;
  const lineOf = scriptLines(readFileSync(path, 'utf8'), value);
  const [part] = notPlain;
  if (part !== undefined) {
    throw new SkeinError('E_CONFIG', {
      file: positionText({ file, line: lineOf(part.path) }),
      reason: `${part.path.length === 0 ? 'what it exports' : keyText(part.path)} is ${part.what}.`,
      hint: 'Settings are text, numbers, true, false, null, lists and plain objects of these.',
    });
  }
  return { value, lineOf };
};
