/** Commands about Skein itself, and signals. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Add } from './add.ts';
import { JSON_OPTION, TARGETS } from './add.ts';

/** What `startup` and `unstartup` have in common. */
const addService = (command: Command): Command =>
  command
    .argument('[service-manager]', 'systemd, openrc or launchd; the one of this machine by default')
    .option('--user', 'a service of your own, without root')
    .option('-u, --as <user>', 'whose apps they are, in a service of the machine')
    .option('--name <name>', 'of the service', 'skein')
    .option('--root <dir>', 'of another system, such as an image that is being built', '/')
    .addOption(new Option('--hp <dir>').hideHelp());

export const addSkeinCommands = (add: Add): void => {
  add('signal', 'send a signal to the workers of apps', () => import('../commands/signal.ts'))
    .argument('<signal>', 'a name such as SIGUSR2 or HUP')
    .argument('[app...]', TARGETS)
    .option(...JSON_OPTION);
  add('kill', 'stop every app and Skein itself', () => import('../commands/kill.ts')).option(...JSON_OPTION);
  add(
    'save',
    'write the list of apps now; it is written at every change',
    () => import('../commands/save.ts'),
  ).option(...JSON_OPTION);
  add(
    'resurrect',
    'bring back the saved apps, after a reboot or `kill`',
    () => import('../commands/resurrect.ts'),
  )
    .option('--foreground', 'stay, and end with them: for service managers')
    .option(...JSON_OPTION);
  addService(
    add(
      'startup',
      'bring the saved apps back when the machine starts',
      () => import('../commands/startup.ts'),
    ),
  ).option('--print', 'print the file instead of writing it');
  addService(add('unstartup', 'take back what `startup` did', () => import('../commands/unstartup.ts')));
  add(
    'upgrade',
    'replace the running supervisor by this version; apps do not notice',
    () => import('../commands/upgrade.ts'),
  ).option(...JSON_OPTION);
  add('ping', 'show pid, version and uptime of Skein itself', () => import('../commands/ping.ts')).option(
    ...JSON_OPTION,
  );
};
