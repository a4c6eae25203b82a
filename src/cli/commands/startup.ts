/** `skein startup`: the saved apps come back when the machine starts. */
import { existsSync } from 'node:fs';
import { exitCodes } from '../../core/error-catalogue.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Context, Run } from '../context.ts';
import { print } from '../context.ts';
import type { BootService, ServiceManager } from '../startup/boot-service.ts';
import { install, runCommand } from '../startup/install.ts';
import { formOf } from '../startup/places.ts';
import type { StartupOptions } from '../startup/service-of.ts';
import { managerOf, serviceOf } from '../startup/service-of.ts';
import { shellQuoted } from '../startup/shell.ts';

/** What root is to run for this user. */
export const rootCommand = (
  verb: 'startup' | 'unstartup',
  manager: ServiceManager,
  { name, user, home, path, node, bin }: BootService,
): string =>
  [
    'sudo',
    'env',
    `PATH=${path}`,
    `SKEIN_HOME=${home}`,
    node,
    bin,
    verb,
    manager,
    '--as',
    user ?? '',
    '--name',
    name,
  ]
    .map(shellQuoted)
    .join(' ');

/** A service of the machine can only be root's work, unless it is for another root directory. */
export const needsRoot = ({ user }: BootService, { root }: StartupOptions): boolean =>
  user !== null && root === '/' && process.getuid?.() !== 0;

/** A root that is mistyped is not made. @throws SkeinError E_USAGE */
export const checkRoot = (root: string): void => {
  if (existsSync(root)) return;
  throw new SkeinError('E_USAGE', {
    reason: `--root: there is no directory ${root}.`,
    command: 'skein startup',
  });
};

/** The command is the data; where it is printed instead of done, the exit code says so. */
export const printRootCommand = (context: Context, command: string): number => {
  print(context.stderr, 'skein: This needs root. Run:');
  print(context.stdout, command);
  return exitCodes.permission;
};

const afterwards = (context: Context, manager: ServiceManager, service: BootService): void => {
  const say = (text: string): void => print(context.stderr, text);
  if (manager === 'systemd' && !service.notify)
    say(
      'systemd-notify was not found: without it there is no watchdog, and systemd does not wait for the apps.',
    );
  if (manager === 'systemd' && service.user === null)
    say('It starts when you log in. `sudo loginctl enable-linger` for your user lets it start at boot.');
  const { SUDO_USER: behind } = context.env;
  if (service.user === 'root' && behind !== undefined && behind !== 'root')
    say(`It runs as root. For the apps of ${behind}: --as ${behind}.`);
};

export const run: Run<StartupOptions> = async (context, [word], options) => {
  const manager = managerOf(context, word);
  const service = serviceOf(context, options);
  const form = formOf(manager, service, { root: options.root, env: context.env });
  if (options.print === true) {
    context.stdout.write(form.text);
    return 0;
  }
  if (needsRoot(service, options)) return printRootCommand(context, rootCommand('startup', manager, service));
  checkRoot(options.root);
  const changed = install(form, runCommand);
  print(
    context.stdout,
    `${form.file} ${changed ? 'is written' : 'was so already'}; the saved apps come back at boot.`,
  );
  if (options.root === '/')
    print(context.stderr, `To put what runs now under it: skein kill, then ${form.start.join(' ')}`);
  afterwards(context, manager, service);
  return 0;
};
