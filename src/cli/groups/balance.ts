/** `skein balance`, and what operators ask of balancers that run. */
import type { Command } from 'commander';
import type { Add } from './add.ts';
import { JSON_OPTION } from './add.ts';

const APP = 'an app that is balanced, or a balancer';
const UPSTREAM = 'a slot (0), or the address of another machine (10.0.0.7:3000)';

export const addBalanceStatus = (balance: Command, addTo: (parent: Command) => Add): void => {
  const add = addTo(balance);
  add('status', 'show balancers, their upstreams and routes', () => import('../commands/balance-status.ts'))
    .argument('[app...]', 'apps and balancers; all of them by default')
    .option('--prometheus', 'print metrics in the text format of Prometheus')
    .option(...JSON_OPTION);
  add(
    'drain',
    'send an upstream nothing new; it keeps its sessions',
    () => import('../commands/balance-drain.ts'),
  )
    .argument('<app>', APP)
    .argument('<upstream>', UPSTREAM)
    .option(...JSON_OPTION);
  add('maint', 'send an upstream nothing at all', () => import('../commands/balance-maint.ts'))
    .argument('<app>', APP)
    .argument('<upstream>', UPSTREAM)
    .option(...JSON_OPTION);
  add('ready', 'let an upstream serve again', () => import('../commands/balance-ready.ts'))
    .argument('<app>', APP)
    .argument('<upstream>', UPSTREAM)
    .option(...JSON_OPTION);
  add('weight', 'give an upstream a greater or smaller share', () => import('../commands/balance-weight.ts'))
    .argument('<app>', APP)
    .argument('<upstream>', UPSTREAM)
    .argument('<weight>', '0 to 1000, or `default`: that of the settings')
    .option(...JSON_OPTION);
};
