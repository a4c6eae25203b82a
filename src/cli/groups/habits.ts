/** Commands that people who come from PM2 type. */
import type { Add } from './add.ts';
import { JSON_OPTION, TARGETS } from './add.ts';

export const addHabits = (add: Add): void => {
  add('monit', 'show the list again and again, until Ctrl-C', () => import('../commands/monit.ts')).argument(
    '[app...]',
    TARGETS,
  );
  add('env', 'show the environment of apps; secrets are masked', () => import('../commands/env.ts'))
    .argument('[app...]', TARGETS)
    .option('--show', 'secrets too')
    .option(...JSON_OPTION);
  add('reset', 'set the counters of restarts back to 0', () => import('../commands/reset.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('pid', 'print the pids of workers', () => import('../commands/pid.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('id', 'print the numbers of slots, which are targets too', () => import('../commands/id.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('jlist', "print what runs in the shape of PM2's jlist", () => import('../commands/jlist.ts'));
  add('init', 'write a config file to begin with', () => import('../commands/init.ts')).argument(
    '[pm2]',
    'an ecosystem.config.js instead',
  );
  add('import <pm2>', 'write a config file from the apps of PM2', () => import('../commands/import.ts'))
    .argument('[dump]', 'a dump file; by default the PM2 that runs, or its dump')
    .option('-o, --output <file>', 'the file to write', 'skein.config.ts')
    .option('--force', 'overwrite it')
    .option(...JSON_OPTION);
};
