/** Skein as it is shipped: `bin` is that of the packed and installed package. */
import { join } from 'node:path';
import { expectCommand, type CommandResult } from '../lib/command.ts';
import { appPath, createSite } from './site.ts';
import { tracked } from './running.ts';
import type { Launch, Peer } from './peer.ts';

interface PingOutput {
  readonly holder: { readonly pid: number };
  readonly supervisor: { readonly pid: number };
}

export const skein = (root: string, bin: string, accept: 'per-worker' | 'shared'): Peer => ({
  name: `skein ${accept}`,
  start: async (launch) => {
    const site = await createSite(root);
    const env = { ...site.env, SKEIN_HOME: join(site.directory, 'skein') };
    const run = (...args: string[]): Promise<CommandResult> =>
      expectCommand(process.execPath, [bin, ...args], { env, cwd: site.directory });
    const start = (name: string, { app, workers }: Launch): Promise<CommandResult> =>
      run('start', appPath(app), '--name', name, '--instances', String(workers), '--accept', accept);
    const stop = tracked(async () => void (await run('kill')));
    const commandAt = Date.now();
    try {
      const { wallMs } = await start('app', launch);
      return {
        port: site.port,
        commandAt,
        commandMs: wallMs,
        workers: await site.untilListening(launch.workers),
        overseers: async () => {
          const { holder, supervisor } = JSON.parse((await run('ping', '--json')).stdout) as PingOutput;
          return [holder.pid, supervisor.pid];
        },
        reload: () => run('reload', 'app'),
        startAnother: async (name, another) => void (await start(name, another)),
        logDirectory: join(site.directory, 'skein', 'logs'),
        list: () => run('list', '--json'),
        stop,
      };
    } catch (error) {
      await stop().catch(() => undefined);
      throw error;
    }
  },
});
