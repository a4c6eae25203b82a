/** node:cluster with the usual primary: connections handed over by the primary (round-robin, Node's
 *  default), or one listening socket that all workers accept from (SCHED_NONE). The second is the
 *  bare shared socket, the least that any tool of this kind adds. */
import { appPath, createSite } from './site.ts';
import { startForeground } from './foreground.ts';
import type { Peer } from './peer.ts';

export const nodeCluster = (root: string, policy: 'round-robin' | 'shared'): Peer => ({
  name: `node:cluster ${policy}`,
  start: async ({ app, workers: count }) => {
    const site = await createSite(root);
    const env = { ...site.env, BENCH_APP: appPath(app), BENCH_WORKERS: String(count), BENCH_POLICY: policy };
    const commandAt = Date.now();
    const primary = startForeground(process.execPath, [appPath('cluster.cjs')], { env, cwd: site.directory });
    try {
      const workers = await Promise.race([site.untilListening(count), primary.ended]);
      return {
        port: site.port,
        commandAt,
        commandMs: null,
        workers,
        overseers: async () => [primary.pid],
        reload: undefined,
        startAnother: undefined,
        list: undefined,
        stop: primary.stop,
      };
    } catch (error) {
      await primary.stop();
      throw error;
    }
  },
});
