/** From what the user named to what is run: a file, or a program found in PATH. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import { isExecutable, which } from '../os/which.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { LookupContext } from './interpreter.ts';
import { findInterpreter, isNode, runnerOf } from './interpreter.ts';
import { didYouMean } from './suggest.ts';

export type Entry = Pick<AppSpec, 'kind' | 'script' | 'interpreter'>;

/** Whether `text` names a file or directory, from `cwd`. */
export const namesFile = (text: string, cwd: string): boolean =>
  statSync(resolve(cwd, text), { throwIfNoEntry: false }) !== undefined;

const neighbours = (path: string): string[] => {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
};

/** `server` where there is `server.js`, or a slip of the finger. */
const suggestion = (path: string): string => {
  const files = neighbours(path);
  const withEnding = files.find(
    (file) => file.slice(0, -extname(file).length) === basename(path) && runnerOf(extname(file)) !== null,
  );
  return withEnding === undefined ? didYouMean(basename(path), files) : ` Did you mean ${withEnding}?`;
};

const checkFile = (path: string): void => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) {
    throw new SkeinError('E_BAD_SCRIPT', {
      path,
      reason: 'it is a directory',
      hint: 'Name the file in it that starts the app.',
    });
  }
};

const entryOf = (path: string, interpreter: string | null | undefined, context: LookupContext): Entry => {
  if (interpreter !== undefined && interpreter !== null) {
    const found = findInterpreter(interpreter, context);
    return { kind: isNode(found) ? 'node' : 'program', script: path, interpreter: found };
  }
  const runner = interpreter === null ? null : runnerOf(extname(path).toLowerCase());
  if (runner === 'node') return { kind: 'node', script: path, interpreter: process.execPath };
  if (runner !== null)
    return { kind: 'program', script: path, interpreter: findInterpreter(runner, context) };
  if (!isExecutable(path)) {
    throw new SkeinError('E_BAD_SCRIPT', {
      path,
      reason: 'it is not executable and its name does not say what runs it',
      hint: 'chmod +x it, or name the program that runs it with --interpreter.',
    });
  }
  return { kind: 'program', script: path, interpreter: null };
};

/**
 * Finds `text` as a file, from `cwd`, or else as a program in PATH.
 * @param interpreter What the user gave with --interpreter; null: none, whatever the ending of the name.
 * @throws SkeinError E_NO_SCRIPT, E_BAD_SCRIPT, E_NO_INTERPRETER
 */
export const findEntry = (
  text: string,
  interpreter: string | null | undefined,
  context: LookupContext,
): Entry => {
  const path = resolve(context.cwd, text);
  if (namesFile(text, context.cwd)) {
    checkFile(path);
    return entryOf(path, interpreter, context);
  }
  const program = text.includes('/') ? undefined : which(text, context.env['PATH']);
  if (program === undefined) {
    throw new SkeinError('E_NO_SCRIPT', { path, cwd: context.cwd, suggestion: suggestion(path) });
  }
  return { kind: 'program', script: program, interpreter: null };
};
