/** A connection per request: what the way of handing out connections costs. */
import { ratioGoal } from '../lib/format.ts';
import { connections, measureThroughput, rates, throughputTable, workers } from '../lib/throughput.ts';
import type { Scenario } from './scenario.ts';

export const close: Scenario = {
  name: 'close',
  title: 'Short connections (`Connection: close`)',
  method: `wrk with ${connections} connections against ${workers} workers, a new connection for every request. node:cluster shared is the bare shared socket.`,
  run: async (context) => {
    const { skeinPerWorker, skeinShared, pm2, node, clusterRoundRobin, clusterShared, watt } = context.peers;
    const peers = [skeinShared, clusterShared, skeinPerWorker, pm2, clusterRoundRobin, watt, node];
    const rounds = await measureThroughput(context, peers, true);
    const shared = rates(rounds, skeinShared);
    const perWorker = rates(rounds, skeinPerWorker);
    const viaPm2 = rates(rounds, pm2);
    const bare = rates(rounds, clusterShared);
    return {
      table: throughputTable(rounds, peers, [pm2, clusterShared]),
      goals: [
        ratioGoal('per-worker: at least 2.0 × PM2 cluster mode', perWorker, viaPm2, { atLeast: 2 }),
        ratioGoal('shared: at least 2.0 × PM2 cluster mode', shared, viaPm2, { atLeast: 2 }),
        ratioGoal('per-worker: at least 0.97 × the bare shared socket', perWorker, bare, { atLeast: 0.97 }),
        ratioGoal('shared: at least 0.97 × the bare shared socket', shared, bare, { atLeast: 0.97 }),
      ],
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
