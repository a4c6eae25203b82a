/** `skein logs`: what workers have printed. */
import { readCount } from '../../config/values.ts';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { createLogPrinter } from '../output/log-line.ts';

export interface LogsOptions {
  readonly lines: string;
  readonly follow?: boolean;
  readonly err?: boolean;
  readonly out?: boolean;
  readonly json?: boolean;
}

export const run: Run<LogsOptions> = async (context, targets, options) => {
  const lines = readCount('--lines', options.lines, 0);
  // Both are as good as neither.
  const stream = options.err === options.out ? undefined : options.err === true ? 'err' : 'out';
  const format = createLogPrinter(context.stdout);
  const query = { targets, lines, follow: options.follow === true, stream } as const;
  for await (const line of createControlClient(context.home).logs(query)) {
    if (options.json === true) printJson(context.stdout, line);
    else print(context.stdout, format(line));
  }
  return 0;
};
