/** Commands that show what runs and what it did. */
import type { Add } from './add.ts';
import { JSON_OPTION, TARGETS } from './add.ts';

export const addLookCommands = (add: Add): void => {
  add('list', 'show what runs: apps and their workers', () => import('../commands/list.ts'))
    .aliases(['ls', 'status'])
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add(
    'describe',
    'show the settings, workers and last events of apps',
    () => import('../commands/describe.ts'),
  )
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('logs', 'show what apps print', () => import('../commands/logs.ts'))
    .argument('[app...]', TARGETS)
    .option('-n, --lines <count>', 'how many lines, the last of each log (15, or all with --since)')
    .option('-f, --follow', 'go on with new lines, until Ctrl-C')
    .option('--since <time>', 'only lines of the last 10m, 2h, …')
    .option('--grep <pattern>', 'only lines that match a regular expression, or /expression/i')
    .option('--err', 'only what went to stderr')
    .option('--out', 'only what went to stdout')
    .option('--json', 'print JSON, one line each');
  add('flush', 'empty the log files of apps; of all without a name', () => import('../commands/flush.ts'))
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add(
    'reload-logs',
    'open log files anew, after another program has moved them',
    () => import('../commands/reload-logs.ts'),
  ).alias('reloadLogs');
  add('events', 'show what Skein has done and seen', () => import('../commands/events.ts'))
    .option('-f, --follow', 'go on with new events, until Ctrl-C')
    .option('--since <time>', 'only events of the last 10m, 2h, …')
    .option('--json', 'print JSON, one line each');
};
