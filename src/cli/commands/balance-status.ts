/** `skein balance status`: what balancers do, and how their upstreams are. */
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface BalanceStatusOptions {
  readonly json?: boolean;
  readonly prometheus?: boolean;
}

export const run: Run<BalanceStatusOptions> = async (context, targets, options) => {
  const list = await createControlClient(context.home).balancers(targets);
  if (options.json === true) {
    printJson(context.stdout, list);
    return 0;
  }
  if (options.prometheus === true) {
    const { prometheusText } = await import('../output/prometheus-text.ts');
    context.stdout.write(prometheusText(list.balancers));
    return 0;
  }
  const { renderBalancers } = await import('../output/balancer-table.ts');
  print(context.stdout, renderBalancers(list.balancers, context.stdout));
  return 0;
};
