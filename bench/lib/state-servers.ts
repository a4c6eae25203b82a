/** Redis and the state server, each alone as its users have it, for as long as a scenario takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tracked } from '../peers/running.ts';
import { until } from './until.ts';

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const accepts = (where: { readonly port: number } | { readonly path: string }): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect('path' in where ? where : { ...where, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });

const start = async (
  command: readonly [string, ...string[]],
  cwd: string,
  listens: () => Promise<true | undefined>,
): Promise<() => Promise<void>> => {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const stop = tracked(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await Promise.race([failed, until(`${file} to listen`, 10_000, listens)]);
  failed.catch(() => {});
  return stop;
};

export interface StateServers {
  readonly redisPort: number;
  /** Of the embedded engine. */
  readonly url: string;
}

/** Redis keeps nothing on disk, as the state server: what both are faster with. */
export const withStateServers = async <T>(
  skeinPackage: string,
  use: (servers: StateServers) => Promise<T>,
): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'sb-state-'));
  const stops: (() => Promise<void>)[] = [];
  try {
    const port = await freePort();
    const redis = ['redis-server', '--port', `${port}`, '--bind', '127.0.0.1', '--save', ''] as const;
    stops.push(await start(redis, directory, () => accepts({ port })));
    const path = join(directory, 's');
    const entry = join(skeinPackage, 'dist', 'entry', 'state-server.cjs');
    const server = [process.execPath, entry, '--socket', path] as const;
    stops.push(await start(server, directory, () => accepts({ path })));
    return await use({ redisPort: port, url: `embedded:${encodeURIComponent(path)}?store=bench` });
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    await rm(directory, { recursive: true, force: true });
  }
};
