/** Watt (Platformatic): worker threads of one process, one SO_REUSEPORT socket each. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectCommand } from '../lib/command.ts';
import { appPath, createSite } from './site.ts';
import { startForeground } from './foreground.ts';
import type { Peer } from './peer.ts';

const modules = join(import.meta.dirname, '..', 'node_modules');
const bin = join(modules, 'wattpm', 'bin', 'cli.js');

const writeProject = async (directory: string, app: string, port: number, workers: number): Promise<void> => {
  await mkdir(directory);
  await symlink(modules, join(directory, 'node_modules'));
  // Watt looks the entry up in the project; the app itself stays where every peer has it.
  await writeFile(
    join(directory, 'index.cjs'),
    `module.exports = require(${JSON.stringify(appPath(app))});\n`,
  );
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'bench-app', main: 'index.cjs' }));
  const runtime = {
    logger: { level: 'error' },
    server: { hostname: '127.0.0.1', port },
    workers: { static: workers },
  };
  const schema = 'https://schemas.platformatic.dev/@platformatic/node/3.65.0.json';
  await writeFile(join(directory, 'watt.json'), JSON.stringify({ $schema: schema, runtime }));
};

export const watt = (root: string): Peer => ({
  name: 'watt',
  start: async ({ app, workers: count }) => {
    const site = await createSite(root);
    const cwd = join(site.directory, 'project');
    await writeProject(cwd, app, site.port, count);
    const commandAt = Date.now();
    const runtime = startForeground(process.execPath, [bin, 'start'], { env: site.env, cwd });
    try {
      const workers = await Promise.race([site.untilListening(count), runtime.ended]);
      return {
        port: site.port,
        commandAt,
        commandMs: null,
        workers,
        overseers: async () => [],
        reload: () =>
          expectCommand(process.execPath, [bin, 'restart', String(runtime.pid)], { env: site.env, cwd }),
        startAnother: undefined,
        list: undefined,
        stop: runtime.stop,
      };
    } catch (error) {
      await runtime.stop();
      throw error;
    }
  },
});
