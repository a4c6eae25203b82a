/** Commands that change what runs. */
import { addPatch, addSettings } from '../settings-options.ts';
import type { Add } from './add.ts';
import { JSON_OPTION, TARGETS } from './add.ts';

export const addAppCommands = (add: Add): void => {
  addPatch(
    add('start', 'start a script as an app, or a stopped app again', () => import('../commands/start.ts')),
  )
    .argument('[script-or-app...]', 'a file, a program in PATH, or names of stopped apps')
    .usage('[options] <script> [-- arguments]\n       skein start [options] <app...>')
    .option('-n, --name <name>', "the app's name; that of the script by default")
    .option('--no-wait', 'return at once, not when every worker is ready')
    .option(...JSON_OPTION);
  add('stop', 'drain and stop apps; `start` brings them back', () => import('../commands/stop.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  addPatch(
    add(
      'restart',
      'stop apps, then start them (`reload` leaves no gap)',
      () => import('../commands/restart.ts'),
    ),
  )
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  addPatch(
    add('reload', 'replace all workers, without losing a request', () => import('../commands/reload.ts')),
  )
    .argument('[app...]', TARGETS)
    .option('-p, --parallel <count>', 'how many new workers may start at once (1)')
    .option(...JSON_OPTION);
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
  addSettings(
    add(
      'run',
      'run a script in the foreground, for containers and systemd',
      () => import('../commands/run.ts'),
    ),
  )
    .argument('<script>', 'a file, or a program in PATH')
    .usage('[options] <script> [-- arguments]')
    .option('-n, --name <name>', "the app's name; that of the script by default");
};
