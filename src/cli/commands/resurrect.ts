/** `skein resurrect`: the saved apps again, after a reboot or `skein kill`. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { tell, waitFor } from '../follow-operations.ts';
import { errorText } from '../output/error-text.ts';
import { painterFor } from '../output/style.ts';
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
  const { operations, present, refused } = await withSupervisor(
    context,
    async (client) => await resurrect(context, client, list),
  );
  const client = createControlClient(context.home);
  for (const error of refused) print(context.stderr, errorText(error, painterFor(context.stderr)));
  const ended = await waitFor(context, client, operations);
  const refusal = refused[0]?.exitCode ?? 0;
  const { apps } = await client.apps([]);
  if (options.json === true) {
    printJson(context.stdout, { version: 1, apps, operations: ended });
    const failed = ended.filter((operation) => operation.state === 'failed');
    return tell(context, failed, context.stderr) || refusal;
  }
  const exitCode = tell(context, ended, context.stderr);
  if (present.length > 0) print(context.stderr, `There already: ${present.join(', ')}.`);
  const { renderApps } = await import('../output/app-table.ts');
  print(context.stdout, renderApps(apps, context.stdout));
  return exitCode || refusal;
};
