/**
 * Whether a user can run an app at all, asked of the kernel by a process of that user: permission
 * bits, access control lists and mounts decide together, and no arithmetic here would be right.
 */
import { execFile } from 'node:child_process';
import { SkeinError } from '../core/errors.ts';
import type { UserSwitch } from '../os/switch-user.ts';
import { asUser } from '../os/switch-user.ts';
import type { AppSpec, RunAs } from '../protocol/app-spec.ts';

const PATIENCE_MS = 10_000;

/** Prints what cannot be done, first thing first, and ends with `DENIED`. */
const DENIED = 41;
const LOOK = `no() { printf '%s' "$1"; exit ${DENIED}; }
cd "$1" 2>/dev/null || no "enter the directory $1"
[ -x "$2" ] || no "run $2"
shift 2
for file; do [ -r "$file" ] || no "read $file"; done`;

export interface Needs {
  readonly cwd: string;
  /** What is executed. */
  readonly program: string;
  /** What it has to read. */
  readonly files: readonly string[];
}

/** What of Skein's and of the app's files its workers need. Pure. */
export const needsOf = ({ kind, cwd, script, interpreter }: AppSpec, preload: string): Needs => ({
  cwd,
  program: interpreter ?? (kind === 'node' ? process.execPath : script),
  files: [
    ...(kind === 'node' ? [preload] : []),
    ...(kind === 'node' || interpreter !== null ? [script] : []),
  ],
});

/** How to mend it. */
const hintFor = (denied: string, { user }: RunAs, preload: string): string => {
  const path = denied.slice(denied.indexOf('/'));
  return path === preload || path === process.execPath
    ? `That file belongs to Skein or its Node: install them where every user can read them, not below a home directory.`
    : `Give ${user} the right to it (\`namei -l ${path}\` shows where that ends), or run the app as another user.`;
};

/** @throws SkeinError E_USER, E_USER_FILES */
export const mustBeAbleToRun = async (
  { app, needs, runAs, preload }: { app: string; needs: Needs; runAs: RunAs; preload: string },
  how: UserSwitch,
): Promise<void> => {
  const { cwd, program, files } = needs;
  const look = { file: '/bin/sh', args: ['-c', LOOK, 'sh', cwd, program, ...files], env: {} };
  const { file, args, env } = asUser(look, runAs, how);
  const { code, text } = await new Promise<{ code: unknown; text: string }>((resolve) => {
    execFile(file, args, { env, cwd: '/', timeout: PATIENCE_MS }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, text: stdout || stderr.trim() || (error?.message ?? '') }),
    );
  });
  if (code === 0) return;
  if (code !== DENIED) throw new SkeinError('E_USER', { app, user: runAs.user, reason: text });
  throw new SkeinError('E_USER_FILES', {
    app,
    user: runAs.user,
    what: text,
    hint: hintFor(text, runAs, preload),
  });
};
