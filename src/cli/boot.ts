/**
 * Starts the background processes: the holder, which starts the supervisor. Two commands may do
 * this at once; the holder's lock lets one win, and the other finds it ready.
 */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { entryFile } from '../core/entry-url.ts';
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';
import { createLineDecoder } from '../core/json-lines.ts';
import { inheritedEnv } from '../config/environment.ts';
import type { Secrets } from '../config/hidden-values.ts';
import type { Home } from '../os/home.ts';
import { KEPT_PREFIX } from '../protocol/holder.ts';

/** What a holder says of its start on file descriptor 3. */
type Said = { readonly ready: true } | { readonly taken: true } | { readonly error: ErrorData };

export interface BootedHolder {
  readonly child: ChildProcess;
  /** Another holder has this home; `child` has ended. */
  readonly taken: boolean;
}

/** The shell's NODE_OPTIONS are meant for its programs: `--inspect` would bind a port in each of ours. */
const holderEnv = (env: Readonly<NodeJS.ProcessEnv>): Record<string, string> => {
  const { NODE_OPTIONS: _, ...rest } = inheritedEnv(env);
  return rest;
};

const hear = (child: ChildProcess, home: Home): Promise<Said> =>
  new Promise((resolve, reject) => {
    const failed = (reason: string, cause?: unknown): void =>
      reject(new SkeinError('E_START_FAILED', { home: home.dir, reason, log: home.holderLog }, { cause }));
    const pipe = child.stdio[3] as Readable;
    const decoder = createLineDecoder((value) => resolve(value as Said));
    pipe.setEncoding('utf8').on('data', (chunk: string) => decoder.push(chunk));
    child.once('error', (error) => failed(error.message, error));
    // After its last data; what has been said before is not overruled.
    child.once('close', (code, signal) => failed(`the holder ended with ${signal ?? `exit code ${code}`}`));
  });

/** Characters, which are bytes: the text is ASCII. */
const PIECE = 100_000;

const asAscii = (text: string): string =>
  text.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Exported for its test. */
export const keptVariables = (kept: Secrets): Record<string, string> => {
  const text = asAscii(JSON.stringify(kept));
  const pieces = Array.from({ length: Math.ceil(text.length / PIECE) }, (_, nth) => [
    `${KEPT_PREFIX}${nth}`,
    text.slice(nth * PIECE, (nth + 1) * PIECE),
  ]);
  return Object.fromEntries(pieces) as Record<string, string>;
};

export interface BootOptions {
  readonly home: Home;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Values that the saved files refer to (src/config/hidden-values.ts). */
  readonly kept?: Secrets;
}

const spawnHolder = async (
  { home, env, kept = {} }: BootOptions,
  args: readonly string[],
  stdio: StdioOptions,
): Promise<BootedHolder> => {
  const child = spawn(process.execPath, [entryFile('holder'), '--home', home.dir, ...args], {
    // A session of its own: the terminal's Ctrl-C and its end do not reach it.
    detached: true,
    stdio,
    cwd: '/',
    env: { ...holderEnv(env), ...keptVariables(kept) },
  });
  const said = await hear(child, home);
  (child.stdio[3] as Readable).destroy();
  if ('error' in said) throw SkeinError.fromData(said.error);
  return { child, taken: 'taken' in said };
};

/** In the background, where it outlives this process. Resolves when the control API answers. */
export const bootHolder = async (options: BootOptions): Promise<void> => {
  const log = openSync(options.home.holderLog, 'a', 0o600);
  try {
    const { child } = await spawnHolder(options, [], ['ignore', log, log, 'pipe']);
    child.unref();
  } finally {
    closeSync(log);
  }
};

/** As a child that shares our stdout and stderr and ends in order when its stdin does, so also when we die. */
export const bootForeground = async (options: BootOptions): Promise<BootedHolder> =>
  await spawnHolder(options, ['--foreground'], ['pipe', 'inherit', 'inherit', 'pipe']);

/** As in the background, but as a child that ends in order when we die. */
export const bootTied = async (options: BootOptions): Promise<BootedHolder> => {
  const log = openSync(options.home.holderLog, 'a', 0o600);
  try {
    return await spawnHolder(options, ['--tied'], ['pipe', log, log, 'pipe']);
  } finally {
    closeSync(log);
  }
};
