/** `skein import pm2`: the apps of PM2 as a skein.config.ts, and how to move them. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { readPm2App } from '../../config/pm2/app.ts';
import type { DumpedApp } from '../../config/pm2/dump.ts';
import { readDump } from '../../config/pm2/dump.ts';
import { pm2Keys } from '../../config/pm2/keys.ts';
import type { PrintedApp } from '../../config/pm2/print.ts';
import { configSource } from '../../config/pm2/print.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Context, Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { findPm2 } from '../import/find-pm2.ts';
import { switchText } from '../import/switch-text.ts';

export interface ImportOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface ImportedApp extends PrintedApp {
  readonly app: PrintedApp['app'] & { readonly name: string };
  /** What PM2 calls it, which may have spaces. */
  readonly pm2Name: string;
  readonly port: string | null;
}

const settingsOf = ({ app, secrets, port }: DumpedApp, shown: string): ImportedApp => {
  const read = readPm2App(app, [], pm2Keys, {
    file: shown,
    profile: undefined,
    // PM2 has resolved it: an absolute path is a file, anything else a program or a command.
    isFile: (path) => isAbsolute(path) && path === app['script'],
  });
  const pm2Name = String(app['name']);
  return {
    app: read.app,
    pm2Name,
    secrets,
    port,
    notes: read.notes.map(({ key, text }) => `${key} ${text}.`),
  };
};

const write = (path: string, shown: string, text: string, force: boolean): void => {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new SkeinError(
      'E_CONFIG',
      {
        file: shown,
        reason: isThere ? 'it is there already.' : `it cannot be written: ${(error as Error).message}.`,
        hint: isThere
          ? '--force overwrites it, --output <file> writes another one.'
          : 'Name another file with --output.',
      },
      { cause: error },
    );
  }
};

const tell = (context: Context, apps: readonly ImportedApp[], shown: string): void => {
  const names = apps.map(({ app }) => app.name).join(', ');
  print(context.stdout, `${shown} is written: ${names}.`);
  for (const { app, notes, secrets } of apps) {
    for (const note of notes) print(context.stderr, `skein: ${app.name}: ${note}`);
    if (secrets.length > 0) {
      print(
        context.stderr,
        `skein: ${app.name}: left out, because their values look secret: ${secrets.join(', ')}. Put them into an env file (envFile).`,
      );
    }
  }
  print(context.stdout, '');
  print(
    context.stdout,
    `Look through it, then \`skein config check ${shown}\`. To move from PM2, app by app:`,
  );
  print(context.stdout, '');
  print(
    context.stdout,
    switchText(
      apps.map(({ app, pm2Name, port }) => ({ name: app.name, pm2Name, port })),
      shown,
    ),
  );
  print(context.stdout, '');
  print(
    context.stdout,
    'When all have moved: pm2 unstartup; pm2 kill; skein startup. What PM2 has open when it deletes an app ends as the app ends it.',
  );
};

export const run: Run<ImportOptions> = async (context, [what = '', dump], options) => {
  if (what !== 'pm2') {
    throw new SkeinError('E_USAGE', {
      reason: `Only pm2 can be imported${what === '' ? '' : `, not ${what}`}.`,
      command: 'skein import pm2',
    });
  }
  const shown = options.output ?? 'skein.config.ts';
  const path = resolve(context.cwd, shown);
  const force = options.force === true;
  const found = await findPm2(context, dump);
  if (found.warning !== undefined) print(context.stderr, `skein: ${found.warning}`);
  const apps = readDump(found.text, found.shown, context.env).map((app) => settingsOf(app, found.shown));
  const dir = dirname(path);
  if (!existsSync(dir)) {
    throw new SkeinError('E_CONFIG', {
      file: relative(context.cwd, path),
      reason: 'its directory does not exist.',
      hint: 'Name another file with --output.',
    });
  }
  write(path, shown, configSource(apps, dir, found.shown), force);
  if (options.json === true) {
    printJson(context.stdout, {
      version: 1,
      file: path,
      from: found.shown,
      running: found.runs,
      apps: apps.map(({ app, port, secrets, notes }) => ({ name: app.name, port, secrets, notes })),
    });
    return 0;
  }
  tell(context, apps, shown);
  return 0;
};
