/** What PM2 has: asked of the one that runs, or read from its dump. Asking never starts a PM2. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SkeinError } from '../../core/errors.ts';
import { processExists } from '../../os/proc.ts';
import { which } from '../../os/which.ts';
import type { Context } from '../context.ts';

export interface FoundPm2 {
  /** JSON. */
  readonly text: string;
  /** How messages name it. */
  readonly shown: string;
  readonly runs: boolean;
  /** Why it is perhaps not what PM2 has now. */
  readonly warning?: string;
}

type Environment = Pick<Context, 'env' | 'cwd'>;

const ASK_WITHIN_MS = 15_000;

/** `$PM2_HOME`, or where PM2 puts it. */
export const pm2Home = (env: Readonly<NodeJS.ProcessEnv>): string =>
  env['PM2_HOME'] ?? join(env['HOME'] ?? homedir(), '.pm2');

/** A pid file may be left over, and its number be another program's by now. */
const daemonRuns = (home: string): boolean => {
  try {
    const pid = Number.parseInt(readFileSync(join(home, 'pm2.pid'), 'utf8'), 10);
    if (!(pid > 0) || !processExists(pid) || !existsSync(join(home, 'rpc.sock'))) return false;
    if (process.platform !== 'linux') return true;
    return /pm2|daemon\.js/i.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
};

/** What comes before the list is for people: a new version, a warning. */
const listIn = (output: string): string | undefined =>
  output
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line.startsWith('[{') || line === '[]');

const ask = async (
  program: string,
  home: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<string | undefined> =>
  await new Promise((done) => {
    const options = {
      env: { ...env, PM2_HOME: home },
      timeout: ASK_WITHIN_MS,
      maxBuffer: 256 << 20,
      encoding: 'utf8',
    } as const;
    execFile(program, ['jlist'], options, (error, stdout) =>
      done(error === null ? listIn(stdout) : undefined),
    );
  });

const readDumpFile = (path: string, runs: boolean): FoundPm2 => {
  try {
    return { text: readFileSync(path, 'utf8'), shown: path, runs };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : message;
    throw new SkeinError('E_PM2_DUMP', { file: path, reason }, { cause: error });
  }
};

/** Why the PM2 itself was not asked, or did not answer. */
const whyNotAsked = (home: string, runs: boolean, program: string | undefined): string => {
  if (!runs) return `No PM2 runs in ${home}`;
  if (program === undefined) return `PM2 runs in ${home}, but no \`pm2\` is in PATH to ask it`;
  return `PM2 runs in ${home}, but \`pm2 jlist\` gave no list`;
};

/**
 * @param dump A file that was named; undefined: the PM2 that runs, else its dump.
 * @throws SkeinError E_NO_PM2, E_PM2_DUMP: the file cannot be read
 */
export const findPm2 = async ({ env, cwd }: Environment, dump: string | undefined): Promise<FoundPm2> => {
  const home = pm2Home(env);
  const runs = daemonRuns(home);
  if (dump !== undefined) return readDumpFile(resolve(cwd, dump), runs);
  const program = runs ? which('pm2', env['PATH']) : undefined;
  const text = program === undefined ? undefined : await ask(program, home, env);
  if (text !== undefined) return { text, shown: `the PM2 in ${home}`, runs };
  const saved = join(home, 'dump.pm2');
  const reason = whyNotAsked(home, runs, program);
  if (!existsSync(saved)) throw new SkeinError('E_NO_PM2', { reason, dump: saved });
  return {
    ...readDumpFile(saved, runs),
    ...(runs && { warning: `${reason}: what follows is of its dump.` }),
  };
};
