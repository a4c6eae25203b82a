/** The versions of everything that took part. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { repository } from './install-skein.ts';

const packageVersion = async (directory: string): Promise<string> => {
  const text = await readFile(join(directory, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

const inRepository = async (...args: string[]): Promise<string> => {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' };
  return (await runCommand('git', args, { env, cwd: repository })).stdout.trim();
};

/** `0.1.0 (1a2b3c4)`, with `+` when files differ from that commit. */
const skeinVersion = async (): Promise<string> => {
  const version = await packageVersion(repository);
  const commit = await inRepository('rev-parse', '--short', '--quiet', '--verify', 'HEAD');
  if (commit === '') return version;
  const changed = await inRepository('status', '--porcelain', '--', 'src', 'bin', 'package.json');
  return `${version} (${commit}${changed === '' ? '' : '+'})`;
};

const wrkVersion = async (): Promise<string> => {
  try {
    const { stdout } = await runCommand('wrk', ['-v'], { env: { PATH: process.env['PATH'] ?? '' } });
    return /^wrk (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  } catch (error) {
    throw new Error('wrk is not installed; on Debian: apt install wrk', { cause: error });
  }
};

/** Of Debian; they are needed by the scenarios `balance` and `balance-engines` only. */
const proxyVersion = async (program: string, pattern: RegExp): Promise<string> => {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const said = await runCommand(program, ['-v'], { env }).catch(() => null);
  return pattern.exec(`${said?.stdout}${said?.stderr}`)?.[1] ?? 'not installed';
};

/** Throws when a tool that is needed is missing. */
export const describeVersions = async (): Promise<Readonly<Record<string, string>>> => {
  const modules = join(import.meta.dirname, '..', 'node_modules');
  return {
    Skein: await skeinVersion(),
    Node: process.version,
    PM2: await packageVersion(join(modules, 'pm2')),
    Watt: await packageVersion(join(modules, 'wattpm')),
    nginx: await proxyVersion('nginx', /nginx\/(\S+)/),
    HAProxy: await proxyVersion('haproxy', /version (\S+)/),
    httpxy: await packageVersion(join(modules, 'httpxy')),
    'http-proxy-3': await packageVersion(join(modules, 'http-proxy-3')),
    wrk: await wrkVersion(),
  };
};
