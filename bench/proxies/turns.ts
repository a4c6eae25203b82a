/**
 * All proxies in front of the same two workers, in short turns: each round gives every proxy one turn,
 * another one first each time, so that a slow second of the machine hits all of them.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { sumCpuMs } from '../lib/cpu.ts';
import { freePort } from '../lib/free-port.ts';
import { reasonOf, rotated } from '../lib/rounds.ts';
import { until } from '../lib/until.ts';
import { countErrors, wrk } from '../lib/wrk.ts';
import { startForeground } from '../peers/foreground.ts';
import { appPath } from '../peers/site.ts';
import type { Failure } from '../scenarios/scenario.ts';
import type { Proxy, RunningProxy } from './proxy.ts';

export const connections = 64;

export interface ProxySample {
  /** User and system time of all processes of the proxy, milliseconds for each request. */
  readonly cpuMs: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly errors: number;
}

export interface Turns {
  /** One entry per round; null where it failed. */
  readonly of: (proxy: Proxy) => readonly (ProxySample | null)[];
  readonly failures: readonly Failure[];
  readonly samples: Readonly<Record<string, readonly (ProxySample | null)[]>>;
}

export interface TurnsOptions {
  readonly proxies: readonly Proxy[];
  readonly rounds: number;
  readonly seconds: number;
  /** A connection per request. */
  readonly close: boolean;
  readonly progress: (line: string) => void;
}

interface Place {
  readonly upstreams: readonly string[];
  readonly start: (proxy: Proxy, index: number) => Promise<RunningProxy>;
}

/** The two workers; all is ended and removed whatever happens. */
const withWorkers = async <T>(use: (place: Place) => Promise<T>): Promise<T> => {
  const root = await mkdtemp(join(tmpdir(), 'sb-'));
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter),
    NODE_ENV: 'production',
  };
  const upstreams = [join(root, 'a.sock'), join(root, 'b.sock')];
  const workers = upstreams.map((path) =>
    startForeground(process.execPath, [appPath('hello-unix.cjs'), path], { env, cwd: root }),
  );
  try {
    await Promise.all(
      upstreams.map((path) =>
        until(`a worker on ${path}`, 20_000, () => (existsSync(`${path}.ready`) ? true : undefined)),
      ),
    );
    return await use({
      upstreams,
      start: async (proxy, index) => {
        const directory = join(root, String(index));
        await mkdir(directory);
        return proxy.start({ port: await freePort(), upstreams, directory, env });
      },
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await rm(root, { recursive: true, force: true });
  }
};

const takeTurn = async (
  { port, pids }: RunningProxy,
  { seconds, close }: TurnsOptions,
): Promise<ProxySample> => {
  const processes = await pids();
  const before = await sumCpuMs(processes);
  const { requests, requestsPerSecond, p50Ms, p99Ms, errors } = await wrk({
    port,
    connections,
    close,
    seconds,
  });
  const cpuMs = ((await sumCpuMs(processes)) - before) / requests;
  return { cpuMs, requestsPerSecond, p50Ms, p99Ms, errors: countErrors(errors) };
};

export const runTurns = (options: TurnsOptions): Promise<Turns> =>
  withWorkers(async ({ start }) => {
    const { proxies, rounds, close, progress } = options;
    const failures: Failure[] = [];
    const running = new Map<Proxy, RunningProxy>();
    const samples = new Map<Proxy, (ProxySample | null)[]>(proxies.map((proxy) => [proxy, []]));
    const failed = (what: string, error: unknown): null => {
      failures.push({ what, reason: reasonOf(error) });
      return null;
    };
    try {
      for (const [index, proxy] of proxies.entries()) {
        const started = await start(proxy, index).catch((error: unknown) => failed(proxy.name, error));
        if (started === null) continue;
        running.set(proxy, started);
        // Connections to upstreams are made and code is compiled before anything counts.
        await wrk({ port: started.port, connections, close, seconds: 1 });
      }
      for (let round = 0; round < rounds; round += 1) {
        progress(`round ${round + 1} of ${rounds}${close ? ', a connection per request' : ''}`);
        for (const proxy of rotated(proxies, round)) {
          const one = running.get(proxy);
          const sample =
            one === undefined
              ? null
              : await takeTurn(one, options).catch((error: unknown) =>
                  failed(`${proxy.name}, round ${round + 1}`, error),
                );
          samples.get(proxy)?.push(sample);
        }
      }
    } finally {
      await Promise.all([...running.values()].map((one) => one.stop()));
    }
    return {
      of: (proxy) => samples.get(proxy) ?? [],
      failures,
      samples: Object.fromEntries([...samples].map(([proxy, all]) => [proxy.name, all])),
    };
  });
