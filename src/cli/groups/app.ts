/** Commands that change what runs. */
import { addPatch, addSettings, collect } from '../settings-options.ts';
import type { Add } from './add.ts';
import { JSON_OPTION, TARGETS } from './add.ts';

const ONLY: readonly [string, string] = ['--only <apps>', 'only these apps of a config file: api,web'];

export const addAppCommands = (add: Add): void => {
  addPatch(
    add('start', 'start a script as an app, or a stopped app again', () => import('../commands/start.ts'))
      .argument('[script-or-app...]', 'a script, a program in PATH, stopped apps, a config file')
      .usage(
        '[options] <script> [-- arguments]\n       skein start [options] <app...>\n       skein start [options] [config file]',
      )
      .option(...ONLY)
      .option('-n, --name <name>', "the app's name; that of the script by default")
      .option('--no-wait', 'return at once, not when every worker is ready')
      .option(...JSON_OPTION),
  );
  add('stop', 'drain and stop apps; `start` brings them back', () => import('../commands/stop.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  addPatch(
    add(
      'restart',
      'stop apps, then start them (`reload` leaves no gap)',
      () => import('../commands/restart.ts'),
    )
      .argument('[app...]', `${TARGETS}, or a config file`)
      .option(...ONLY)
      .option(...JSON_OPTION),
  );
  addPatch(
    add('reload', 'replace all workers, without losing a request', () => import('../commands/reload.ts'))
      .argument('[app...]', `${TARGETS}, or a config file`)
      .option(...ONLY)
      .option('-p, --parallel <count>', 'how many new workers may start at once (1)')
      .option(...JSON_OPTION),
  );
  add('rollback', 'reload with the settings before the last reload', () => import('../commands/rollback.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('scale', 'change the number of workers: 8, +2, -1, max or 50%', () => import('../commands/scale.ts'))
    .argument('[app-and-count...]', 'apps, and last the number of workers')
    .usage('[options] <app...> <count>')
    .option(...JSON_OPTION);
  add('delete', 'stop apps and forget them', () => import('../commands/delete.ts'))
    .alias('del')
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('apply', 'make what runs equal to a config file', () => import('../commands/apply.ts'))
    .argument('[file]', 'skein.config.*, the nearest by default')
    .option('--dry-run', 'only show what would be done')
    .option('--keep', 'leave apps running that are no longer in the file')
    .option('--all', 'stop every app that is not in the file')
    .option(...ONLY)
    .option('--env <profile>', 'use env_<profile>; or KEY=VALUE; repeatable', collect)
    .option('--update-env', "replace the environment apps inherit by this shell's")
    .option('-p, --parallel <count>', 'how many new workers of an app may start at once (1)')
    .option(...JSON_OPTION);
  add('config', 'check a config file, or print it', () => import('../commands/config.ts'))
    .argument('<check|print>', 'what to do with it')
    .argument('[file]', 'skein.config.*, the nearest by default')
    .option('--resolved', 'print: defaults too')
    .option(...ONLY)
    .option('--env <profile>', 'use env_<profile>; or KEY=VALUE; repeatable', collect)
    .option(...JSON_OPTION);
  addSettings(
    add(
      'run',
      'run a script or a config file in the foreground, for containers',
      () => import('../commands/run.ts'),
    )
      .argument('<script>', 'a script, a program in PATH, or a config file')
      .usage('[options] <script or config file> [-- arguments]')
      .option(...ONLY)
      .option('-n, --name <name>', "the app's name; that of the script by default"),
  );
};
