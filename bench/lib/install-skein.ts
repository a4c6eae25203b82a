/** Skein as its users get it: packed by npm, installed from the tarball, run from its dist. */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { expectCommand } from './command.ts';

export const repository: string = join(import.meta.dirname, '..', '..');

const leftOut = new Set(['node_modules', '.git', 'dist', 'bench', 'test', 'coverage']);

/** A copy to build in, so that a run never replaces the dist that the working tree has. */
const copyRepository = async (stage: string): Promise<void> => {
  const isPart = (source: string): boolean =>
    relative(repository, source) === '' || !leftOut.has(basename(source));
  await cp(repository, stage, { recursive: true, filter: isPart });
  await symlink(join(repository, 'node_modules'), join(stage, 'node_modules'));
};

/** Returns the path of the installed `bin/skein.js`. Needs the registry, or npm's cache of it. */
export const installSkein = async (root: string): Promise<string> => {
  const stage = join(root, 'stage');
  await copyRepository(stage);
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: process.env['HOME'] ?? '/',
  };
  const npm = (cwd: string, ...args: string[]): Promise<{ readonly stdout: string }> =>
    expectCommand('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], {
      env,
      cwd,
      timeoutMs: 120_000,
    });
  const packed = await npm(stage, 'pack', '--json', '--foreground-scripts=false');
  const names = [...packed.stdout.matchAll(/"filename":\s*"([^"]+\.tgz)"/g)].map(([, name]) => name ?? '');
  const tarball = join(stage, names.at(-1) ?? 'skein.tgz');
  const installed = join(root, 'installed');
  await mkdir(installed);
  await writeFile(join(installed, 'package.json'), '{ "private": true }\n');
  await npm(installed, 'install', tarball);
  return join(installed, 'node_modules', 'skein', 'bin', 'skein.js');
};
