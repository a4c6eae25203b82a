/** Ways to build the data path of a proxy in Node, side by side, with nginx to measure them by. */
import { fineMicroseconds, rate, ratioCell } from '../lib/format.ts';
import { median, sum, type Sample } from '../lib/statistics.ts';
import { nginx } from '../proxies/nginx.ts';
import { variant } from '../proxies/node-proxies.ts';
import type { Proxy } from '../proxies/proxy.ts';
import { connections, runTurns, type ProxySample } from '../proxies/turns.ts';
import type { Scenario } from './scenario.ts';

const fronts = ['http.createServer', 'net + parser.execute', 'net + parser.consume'];
const engines = ['undici dispatch', 'http.request', 'sockets'];

export const balanceEngines: Scenario = {
  name: 'balance-engines',
  title: 'Ways to build a proxy in Node',
  method:
    `Each front (who reads requests) with each engine (who asks an upstream): bench/balancer-engines, which do nothing beyond that ` +
    `but add three fields. wrk with ${connections} keep-alive connections, two workers on unix sockets, one process each. CPU is user ` +
    `and system time of the proxy for each request.`,
  run: async ({ depth, progress }) => {
    const full = depth === 'full';
    const variants = fronts.flatMap((front) => engines.map((engine) => variant(front, engine)));
    const proxies: readonly Proxy[] = [nginx, ...variants];
    const turns = await runTurns({
      proxies,
      rounds: full ? 7 : 3,
      seconds: full ? 2 : 1,
      close: false,
      progress,
    });
    const column = (proxy: Proxy, of: keyof ProxySample): readonly Sample[] =>
      turns.of(proxy).map((sample) => sample?.[of] ?? null);
    return {
      table: {
        columns: ['front, engine', 'CPU/request', '× nginx', 'requests/s', 'errors'],
        rows: proxies.map((proxy) => [
          proxy.name,
          fineMicroseconds(median(column(proxy, 'cpuMs'))),
          ratioCell(column(proxy, 'cpuMs'), column(nginx, 'cpuMs')),
          rate(median(column(proxy, 'requestsPerSecond'))),
          rate(sum(column(proxy, 'errors'))),
        ]),
      },
      goals: [],
      failures: turns.failures,
      samples: turns.samples,
    };
  },
};
