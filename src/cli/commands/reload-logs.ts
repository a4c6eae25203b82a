/** `skein reload-logs`: log files are opened anew, after another program has moved them. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print } from '../context.ts';

export const run: Run<object> = async (context) => {
  await createControlClient(context.home).reopenLogs();
  print(context.stdout, 'The log files are opened anew.');
  return 0;
};
