/** What runs a script, by its name's ending, unless the user says. */
import { resolve } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import { isExecutable, which } from '../os/which.ts';

export interface LookupContext {
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

const nodeEndings = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

const programs: Readonly<Record<string, string>> = {
  '.py': 'python3',
  '.sh': 'bash',
  '.rb': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
};

/** `node`: Node runs it and our preload goes in. A string: that program runs it. null: it is run itself. */
export const runnerOf = (ending: string): 'node' | string | null =>
  nodeEndings.has(ending) ? 'node' : (programs[ending] ?? null);

/** Whether an interpreter is Node: `/opt/node-22/bin/node`, `nodejs`, `node22`. */
export const isNode = (interpreter: string): boolean =>
  /^node(?:js)?[\d.-]*(?:\.exe)?$/i.test(interpreter.split(/[\\/]/).at(-1) ?? '');

/**
 * The absolute path of a program given by name or path.
 * @throws SkeinError E_NO_INTERPRETER
 */
export const findInterpreter = (program: string, { cwd, env }: LookupContext): string => {
  const isPath = program.includes('/') || (process.platform === 'win32' && program.includes('\\'));
  const path = isPath ? resolve(cwd, program) : which(program, env['PATH']);
  if (path === undefined || !isExecutable(path)) throw new SkeinError('E_NO_INTERPRETER', { program });
  return path;
};
