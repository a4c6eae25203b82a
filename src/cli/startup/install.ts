/** Writes and removes the file of a service, and tells the service manager. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory } from '../../os/make-directory.ts';
import { SkeinError } from '../../core/errors.ts';
import { MARK } from './boot-service.ts';
import type { Command, Form } from './places.ts';

/** Null when the command succeeded, else why not. */
export type RunCommand = (command: Command) => string | null;

export const runCommand: RunCommand = ([program, ...args]) => {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim().split('\n').at(-1) || `exit code ${status}`;
};

const present = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/** SKEIN_HOME and the like as they stand in the file, to tell whose service it is. */
const homeIn = (text: string): string | undefined =>
  /SKEIN_HOME(?:<\/key><string>|=)("[^"]*"|'[^']*'|[^<\n"]*)/.exec(text)?.[1];

/** @throws SkeinError E_STARTUP for a file that is not ours, or of another installation */
const mustBeOurs = (form: Form, there: string | null): void => {
  if (there === null) return;
  const refuse = (reason: string): never => {
    throw new SkeinError('E_STARTUP', {
      path: form.file,
      reason,
      hint: 'Choose another name with --name, or remove the file.',
    });
  };
  if (!there.includes(MARK)) refuse('it is there, and not by `skein startup`');
  if (homeIn(there) !== homeIn(form.text)) refuse('it is the service of another SKEIN_HOME');
};

const failing = (
  commands: readonly Command[],
  run: RunCommand,
): { command: Command; reason: string } | null => {
  for (const command of commands) {
    const reason = run(command);
    if (reason !== null) return { command, reason };
  }
  return null;
};

const asPermission = (file: string, error: unknown): SkeinError => {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'EACCES' || code === 'EPERM' ? 'no permission' : message;
  return new SkeinError(
    'E_STARTUP',
    { path: file, reason, hint: 'Run it as root, or use --user.' },
    { cause: error },
  );
};

/**
 * @throws SkeinError E_STARTUP, E_NOT_ENABLED
 * @returns whether the file was not there, or another, before
 */
export const install = (form: Form, run: RunCommand): boolean => {
  const { file, mode, text } = form;
  let changed = false;
  try {
    const there = present(file);
    mustBeOurs(form, there);
    changed = there !== text;
    makeDirectory(dirname(file), 0o755);
    if (changed) writeFileSync(file, text, { mode });
    chmodSync(file, mode);
  } catch (error) {
    throw error instanceof SkeinError ? error : asPermission(file, error);
  }
  const failed = failing(form.enable, run);
  if (failed !== null)
    throw new SkeinError('E_NOT_ENABLED', {
      path: file,
      command: failed.command.join(' '),
      reason: failed.reason,
    });
  return changed;
};

/**
 * What runs goes on. A service manager that fails does not keep the file.
 * @throws SkeinError E_STARTUP
 * @returns whether there was anything to remove
 */
export const uninstall = (form: Form, run: RunCommand): boolean => {
  try {
    const there = present(form.file);
    if (there === null) return false;
    mustBeOurs(form, there);
    const [first, ...rest] = form.disable;
    if (first !== undefined) run(first);
    rmSync(form.file);
    for (const command of rest) run(command);
    return true;
  } catch (error) {
    throw error instanceof SkeinError ? error : asPermission(form.file, error);
  }
};
