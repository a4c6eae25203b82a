/** Connections that stay open: what the preload costs per request. */
import { ratioGoal } from '../lib/format.ts';
import { connections, measureThroughput, rates, throughputTable, workers } from '../lib/throughput.ts';
import type { Scenario } from './scenario.ts';

export const keepAlive: Scenario = {
  name: 'keep-alive',
  title: 'Keep-alive connections',
  method: `wrk with ${connections} connections against ${workers} workers, all requests on the same connections.`,
  run: async (context) => {
    const { skeinPerWorker, skeinShared, pm2, node, clusterShared, watt } = context.peers;
    const peers = [skeinPerWorker, skeinShared, pm2, clusterShared, watt, node];
    const rounds = await measureThroughput(context, peers, false);
    const viaPm2 = rates(rounds, pm2);
    return {
      table: throughputTable(rounds, peers, [pm2, clusterShared]),
      goals: [
        ratioGoal('per-worker: at least 1.0 × PM2', rates(rounds, skeinPerWorker), viaPm2, { atLeast: 1 }),
        ratioGoal('shared: at least 1.0 × PM2', rates(rounds, skeinShared), viaPm2, { atLeast: 1 }),
      ],
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
