/** `skein flush`: empties log files. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface FlushOptions {
  readonly json?: boolean;
}

export const run: Run<FlushOptions> = async (context, targets, options) => {
  const result = await createControlClient(context.home).flushLogs(targets);
  if (options.json === true) printJson(context.stdout, result);
  else for (const path of result.flushed) print(context.stdout, `${path} is empty`);
  return 0;
};
