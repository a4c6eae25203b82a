/** `skein balance`, and what operators ask of balancers that run. */
import type { Command } from 'commander';
import { collect } from '../settings-options.ts';
import type { Add } from './add.ts';
import { JSON_OPTION } from './add.ts';

const APP = 'an app that is balanced, or a balancer';
const UPSTREAM = 'a slot (0), or the address of another machine (10.0.0.7:3000)';

/** The balancer itself; what is asked of it goes below. */
export const addBalance = (add: Add): Command => {
  return add(
    'balance',
    'put a balancer before servers and apps, change it, look after it',
    () => import('../commands/balance.ts'),
  )
    .option('-l, --listen <address>', 'address and port, or unix:/path; repeatable (127.0.0.1:8080)', collect)
    .option('--to <url>', 'server that gets requests: http://, https://, unix:; repeatable', collect)
    .option('-r, --route <route>', "'example.com/v1/* -> app', … -> http://…; repeatable", collect)
    .option('--policy <policy>', 'least-connections (the default), round-robin, hash, …')
    .option('--by <key>', 'key for hash: header:x-user, cookie:sid, path:0, address, …')
    .option('--sticky [by]', 'sessions stay: cookie (the default), cookie:<name>, header:<name>, …')
    .option('--health <path>', 'ask servers how they are, at this path, or tcp')
    .option('--trust <network>', 'proxies in front, e.g. 10.0.0.0/8; repeatable', collect)
    .option('--proxy-protocol', 'connections begin with a header of the PROXY protocol')
    .option('--tls-cert <file>', 'serve HTTPS and HTTP/2: certificates, in PEM')
    .option('--tls-key <file>', 'and their key')
    .option('--access-log <format>', 'a line for each request: combined or json')
    .option('-n, --name <name>', "the balancer's name (balancer)")
    .option('-i, --instances <count>', 'its workers: a number, max, 50% (1)')
    .option('--foreground', 'stay, and end with it, as `run`')
    .option('--no-wait', 'return at once, not when it is ready')
    .option(...JSON_OPTION);
};

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
