/** PM2 in cluster mode, with its defaults. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectCommand, type CommandResult } from '../lib/command.ts';
import { appPath, createSite } from './site.ts';
import { tracked } from './running.ts';
import type { Launch, Peer } from './peer.ts';

const bin = join(import.meta.dirname, '..', 'node_modules', 'pm2', 'bin', 'pm2');

export const pm2 = (root: string): Peer => ({
  name: 'pm2 cluster',
  start: async (launch) => {
    const site = await createSite(root);
    const home = join(site.directory, 'pm2');
    const run = (...args: string[]): Promise<CommandResult> =>
      expectCommand(process.execPath, [bin, ...args], {
        env: { ...site.env, PM2_HOME: home },
        cwd: site.directory,
      });
    const start = (name: string, { app, workers }: Launch): Promise<CommandResult> =>
      run('start', appPath(app), '--name', name, '-i', String(workers));
    const stop = tracked(async () => void (await run('kill')));
    const commandAt = Date.now();
    try {
      const { wallMs } = await start('app', launch);
      return {
        port: site.port,
        commandAt,
        commandMs: wallMs,
        workers: await site.untilListening(launch.workers),
        overseers: async () => [Number(await readFile(join(home, 'pm2.pid'), 'utf8'))],
        reload: () => run('reload', 'app'),
        startAnother: async (name, another) => void (await start(name, another)),
        logDirectory: join(home, 'logs'),
        list: () => run('jlist'),
        stop,
      };
    } catch (error) {
      await stop().catch(() => undefined);
      throw error;
    }
  },
});
