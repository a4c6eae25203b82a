/** Plain Node: what all others are measured against. */
import { appPath, createSite } from './site.ts';
import { startForeground } from './foreground.ts';
import type { Peer } from './peer.ts';

/** The app as `node app.js`, always one worker. */
export const plainNode = (root: string): Peer => ({
  name: 'node (one process)',
  start: async ({ app }) => {
    const site = await createSite(root);
    const commandAt = Date.now();
    const child = startForeground(process.execPath, [appPath(app)], { env: site.env, cwd: site.directory });
    try {
      const workers = await Promise.race([site.untilListening(1), child.ended]);
      return {
        port: site.port,
        commandAt,
        commandMs: null,
        workers,
        overseers: async () => [],
        reload: undefined,
        startAnother: undefined,
        list: undefined,
        stop: child.stop,
      };
    } catch (error) {
      await child.stop();
      throw error;
    }
  },
});
