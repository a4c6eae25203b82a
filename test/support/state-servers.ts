/** Real `redis-server` and `memcached` of the machine, each with its own directory and free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { until } from './wait.ts';

export interface StateServer {
  readonly port: number;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and over. Keeps its directory and port for `start`. */
  kill(): Promise<void>;
  /** Again, on the same port, with what is on its disk. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const startServer = async (
  port: number,
  command: (directory: string) => readonly [string, ...string[]],
): Promise<StateServer> => {
  const directory = mkdtempSync(join(tmpdir(), 'skein-state-'));
  let child: ChildProcess | undefined;
  const server: StateServer = {
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    signal: (signal) => void child?.kill(signal),
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async start() {
      const [program, ...args] = command(directory);
      const started = spawn(program, args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
      child = started;
      // A program that is not there must say so by name, not as a timeout.
      const failed = once(started, 'error').then(([error]) => Promise.reject(error as Error));
      await Promise.race([failed, until(`${program} accepts on ${port}`, () => accepts(port))]);
      failed.catch(() => {});
    },
    async close() {
      await server.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
};

/** Keeps every write on disk before it answers, so that a killed one comes back with all of them. */
export const startRedis = async (...more: readonly string[]): Promise<StateServer> => {
  const port = await freePort();
  return startServer(port, () => [
    'redis-server',
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes'],
    ...['--appendfsync', 'always', '--logfile', 'redis.log', ...more],
  ]);
};

export const startSentinel = async (master: string, masterPort: number): Promise<StateServer> => {
  const port = await freePort();
  return startServer(port, (directory) => {
    const file = join(directory, 'sentinel.conf');
    const settings = [
      `port ${port}`,
      'bind 127.0.0.1',
      'logfile sentinel.log',
      `sentinel monitor ${master} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${master} 300`,
      `sentinel failover-timeout ${master} 2000`,
    ];
    writeFileSync(file, `${settings.join('\n')}\n`);
    return ['redis-server', file, '--sentinel'];
  });
};

export const startMemcached = async (...more: readonly string[]): Promise<StateServer> => {
  const port = await freePort();
  // As root it insists on being told who to become.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  return startServer(port, () => [
    'memcached',
    '-l',
    '127.0.0.1',
    '-p',
    `${port}`,
    '-U',
    '0',
    ...user,
    ...more,
  ]);
};
