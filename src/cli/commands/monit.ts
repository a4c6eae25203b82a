/** `skein monit`: the list, drawn again and again until Ctrl-C; once where there is no terminal. */
import { setTimeout as pause } from 'node:timers/promises';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print } from '../context.ts';
import { renderApps } from '../output/app-table.ts';

const EVERY_MS = 1000;
const CLEAR = '\u001b[H\u001b[2J';

export const run: Run<object> = async (context, targets) => {
  const client = createControlClient(context.home);
  for (;;) {
    const { apps } = await client.apps(targets);
    const table = apps.length === 0 ? 'No apps.' : renderApps(apps, context.stdout);
    if (context.stdout.isTTY !== true) {
      print(context.stdout, table);
      return 0;
    }
    context.stdout.write(`${CLEAR}${table}\n`);
    await pause(EVERY_MS);
  }
};
