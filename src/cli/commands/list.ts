/** `skein list`: what runs. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface ListOptions {
  readonly json?: boolean;
}

export const run: Run<ListOptions> = async (context, targets, options) => {
  const list = await createControlClient(context.home).apps(targets);
  if (options.json === true) {
    printJson(context.stdout, list);
    return 0;
  }
  if (list.apps.length === 0) {
    print(context.stderr, 'No apps. `skein start <script>` starts one.');
    return 0;
  }
  const { renderApps } = await import('../output/app-table.ts');
  print(context.stdout, renderApps(list.apps, context.stdout));
  return 0;
};
