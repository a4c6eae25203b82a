/** `skein resurrect`: the saved apps again, after a reboot or `skein kill`. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { tell, waitFor } from '../follow-operations.ts';
import { resurrect, savedListOf } from '../resurrect.ts';
import { withSupervisor } from '../running.ts';

export interface ResurrectOptions {
  readonly json?: boolean;
  readonly foreground?: boolean;
}

export const run: Run<ResurrectOptions> = async (context, _args, options) => {
  if (options.foreground === true) {
    const { runAsService } = await import('../service/run.ts');
    return await runAsService(context);
  }
  const list = savedListOf(context);
  const { applied, present } = await withSupervisor(
    context,
    async (client) => await resurrect(context, client, list),
  );
  const client = createControlClient(context.home);
  const ended = await waitFor(context, client, applied.operations);
  const { apps } = await client.apps([]);
  if (options.json === true) {
    printJson(context.stdout, { version: 1, apps, operations: ended });
    return tell(
      context,
      ended.filter((operation) => operation.state === 'failed'),
      context.stderr,
    );
  }
  const exitCode = tell(context, ended, context.stderr);
  if (present.length > 0) print(context.stderr, `There already: ${present.join(', ')}.`);
  const { renderApps } = await import('../output/app-table.ts');
  print(context.stdout, renderApps(apps, context.stdout));
  return exitCode;
};
