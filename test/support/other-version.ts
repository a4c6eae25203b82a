/** Another version of Skein beside this one: a copy of what is built, with another number and, if wanted, broken. */
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { Finished } from './command.ts';
import { plainEnv } from './skein.ts';
import type { Skein } from './skein.ts';

const root = join(import.meta.dirname, '..', '..');

export interface OtherVersion {
  readonly dir: string;
  /** Runs a command of this version. */
  run(skein: Skein, args: readonly string[]): Promise<Finished>;
  /** Replaces the text of one of its built files. */
  edit(file: string, change: (text: string) => string): void;
  remove(): void;
}

export const otherVersion = (version: string): OtherVersion => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'skein-version-')));
  for (const part of ['dist', 'bin', 'package.json'])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const edit: OtherVersion['edit'] = (file, change) => {
    const path = join(dir, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`${file} has not what was to be changed`);
    writeFileSync(path, after);
  };
  edit('package.json', (text) => text.replace(/"version": "[^"]+"/, `"version": "${version}"`));
  return {
    dir,
    edit,
    run: (skein, args) =>
      runCommand(args, {
        bin: join(dir, 'bin', 'skein.js'),
        env: { ...plainEnv(), SKEIN_HOME: skein.home.dir },
      }).finished,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
};
