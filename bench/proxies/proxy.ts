/**
 * What stands in front of the same two workers. A proxy is started once and stays for the whole run: one
 * without traffic uses next to no CPU, and its turns can be short and many.
 */
import { connect } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { until } from '../lib/until.ts';
import { startForeground, type Foreground } from '../peers/foreground.ts';

export interface ProxyLaunch {
  readonly port: number;
  /** Unix sockets of the workers. */
  readonly upstreams: readonly string[];
  /** Of its own, empty. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningProxy {
  readonly port: number;
  /** It and all processes that it started, also those that they started. */
  readonly pids: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

export interface Proxy {
  readonly name: string;
  readonly start: (launch: ProxyLaunch) => Promise<RunningProxy>;
}

const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.join(' ').split(' ').filter(Boolean).map(Number);
  const further = await Promise.all(children.map(childrenOf));
  return [...children, ...further.flat()];
};

const answers = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
    socket.once('connect', () => socket.destroy());
  });

/** Runs in the foreground and accepts connections when this resolves. */
export const startProxy = async (
  file: string,
  args: readonly string[],
  { port, directory, env }: ProxyLaunch,
): Promise<RunningProxy> => {
  const child: Foreground = startForeground(file, args, { env, cwd: directory });
  try {
    await Promise.race([until(`${file} to listen on ${port}`, 20_000, () => answers(port)), child.ended]);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { port, pids: async () => [child.pid, ...(await childrenOf(child.pid))], stop: child.stop };
};
