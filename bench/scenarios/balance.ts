/** What a proxy costs: ours, nginx, HAProxy and two of Node's before the same two workers. */
import { join } from 'node:path';
import { fineMicroseconds, fineMilliseconds, rate, ratioCell, ratioGoal } from '../lib/format.ts';
import { median, sum, type Sample } from '../lib/statistics.ts';
import { haproxy } from '../proxies/haproxy.ts';
import { nginx } from '../proxies/nginx.ts';
import { httpProxy3, httpxy } from '../proxies/node-proxies.ts';
import type { Proxy } from '../proxies/proxy.ts';
import { skeinBalance } from '../proxies/skein.ts';
import { connections, runTurns, type ProxySample, type Turns } from '../proxies/turns.ts';
import type { Scenario } from './scenario.ts';

const column = (turns: Turns, proxy: Proxy, of: keyof ProxySample): readonly Sample[] =>
  turns.of(proxy).map((sample) => sample?.[of] ?? null);

export const balance: Scenario = {
  name: 'balance',
  title: 'Proxies before two workers',
  method:
    `wrk with ${connections} connections, one proxy after the other before the same two workers on unix sockets, in short turns. Each ` +
    'proxy has one process or thread for requests, chooses the worker with the fewest requests, adds the forwarding fields and keeps ' +
    'connections to workers open; ours and HAProxy also check the workers every 2 s. CPU is user and system time of all processes ' +
    'of the proxy for each request. The latencies are those of a closed loop on cores that all share.',
  run: async ({ depth, progress, skeinPackage }) => {
    const full = depth === 'full';
    const ours = skeinBalance(join(skeinPackage, 'bin', 'skein.js'));
    const proxies: readonly Proxy[] = [ours, nginx, haproxy, httpxy, httpProxy3];
    const rounds = full ? 9 : 4;
    const turn = { proxies, rounds, seconds: full ? 2 : 1, progress };
    const keepAlive = await runTurns({ ...turn, close: false });
    const close = await runTurns({ ...turn, close: true });
    const kinds = [
      { name: 'keep-alive', turns: keepAlive },
      { name: 'close', turns: close },
    ];
    const atMost = (text: string, turns: Turns, theirs: Proxy, limit: number) =>
      ratioGoal(text, column(turns, ours, 'cpuMs'), column(turns, theirs, 'cpuMs'), { atMost: limit });
    return {
      table: {
        columns: [
          '',
          'connections',
          'CPU/request',
          '× nginx',
          '× httpxy',
          'requests/s',
          'p50',
          'p99',
          'errors',
        ],
        rows: kinds.flatMap(({ name, turns }) =>
          proxies.map((proxy) => {
            const cpu = column(turns, proxy, 'cpuMs');
            return [
              proxy.name,
              name,
              fineMicroseconds(median(cpu)),
              ratioCell(cpu, column(turns, nginx, 'cpuMs')),
              ratioCell(cpu, column(turns, httpxy, 'cpuMs')),
              rate(median(column(turns, proxy, 'requestsPerSecond'))),
              fineMilliseconds(median(column(turns, proxy, 'p50Ms'))),
              fineMilliseconds(median(column(turns, proxy, 'p99Ms'))),
              rate(sum(column(turns, proxy, 'errors'))),
            ];
          }),
        ),
      },
      goals: [
        atMost('keep-alive: CPU at most 1.3 × nginx', keepAlive, nginx, 1.3),
        atMost('keep-alive: CPU at most 0.45 × httpxy', keepAlive, httpxy, 0.45),
        atMost('close: CPU at most 0.4 × httpxy', close, httpxy, 0.4),
      ],
      failures: [...keepAlive.failures, ...close.failures],
      samples: { keepAlive: keepAlive.samples, close: close.samples },
    };
  },
};
