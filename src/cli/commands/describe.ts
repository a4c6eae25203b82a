/** `skein describe`: everything about an app, the values of its environment excepted. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { requireTargets } from '../run-operation.ts';

export interface DescribeOptions {
  readonly json?: boolean;
}

export const run: Run<DescribeOptions> = async (context, targets, options) => {
  requireTargets('describe', targets);
  const list = await createControlClient(context.home).details(targets);
  if (options.json === true) {
    printJson(context.stdout, list);
    return 0;
  }
  const { describeApp } = await import('../output/describe-app.ts');
  print(context.stdout, list.apps.map((app) => describeApp(app, context.stdout)).join('\n\n'));
  return 0;
};
