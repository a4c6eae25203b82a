/** `skein unstartup`: takes back what `skein startup` did. */
import type { Run } from '../context.ts';
import { print } from '../context.ts';
import { runCommand, uninstall } from '../startup/install.ts';
import { formOf } from '../startup/places.ts';
import type { StartupOptions } from '../startup/service-of.ts';
import { managerOf, serviceOf } from '../startup/service-of.ts';
import { needsRoot, printRootCommand, rootCommand } from './startup.ts';

export const run: Run<StartupOptions> = async (context, [word], options) => {
  const manager = managerOf(context, word);
  const service = serviceOf(context, options);
  if (needsRoot(service, options))
    return printRootCommand(context, rootCommand('unstartup', manager, service));
  const form = formOf(manager, service, { root: options.root, env: context.env });
  const removed = uninstall(form, runCommand);
  print(
    context.stdout,
    removed ? `${form.file} is removed; what runs goes on.` : `There is no ${form.file}.`,
  );
  return 0;
};
