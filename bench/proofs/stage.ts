/** One app on workers of Skein with a balancer before it, in a home of its own, for one proof. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expectCommand } from '../lib/command.ts';
import { freePort } from '../lib/free-port.ts';
import { repository } from '../lib/install-skein.ts';
import { sumPrivateBytes } from '../lib/memory.ts';
import { until } from '../lib/until.ts';
import { appPath } from '../peers/site.ts';
import type { BalancerReport } from '../../src/protocol/balance.ts';
import type { AppList, AppView } from '../../src/protocol/control.ts';

export interface Stage {
  readonly port: number;
  readonly directory: string;
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Pids of the ready workers of the app. */
  readonly workers: () => Promise<readonly number[]>;
  /** Those of its balancer. */
  readonly balancers: () => Promise<readonly number[]>;
  /** What it reports of this moment, at most a second ago. */
  readonly gauges: () => Promise<Gauges>;
  /** Private memory of the balancer's workers together, bytes. */
  readonly memory: () => Promise<number>;
}

export interface Gauges {
  readonly inFlight: number;
  /** As its pools count it, of all upstreams. */
  readonly upstreams: number;
  readonly queued: number;
  readonly tunnels: number;
}

export interface StageOptions {
  readonly workers: number;
  /** Of `balance` in the config, beside the policy. */
  readonly balance?: Readonly<Record<string, unknown>>;
  readonly env?: (directory: string) => Readonly<Record<string, string>>;
}

const APP = 'app';
export const BALANCER: string = `${APP}:balancer`;
const skein = join(repository, 'bin', 'skein.js');

const readyPids = (apps: readonly AppView[], name: string): readonly number[] =>
  (apps.find((app) => app.name === name)?.workers ?? []).flatMap(({ state, pid }) =>
    state === 'ready' && pid !== null ? [pid] : [],
  );

interface Balancers {
  readonly balancers: readonly { readonly name: string; readonly totals: BalancerReport | null }[];
}

const gaugesOf = ({ balancers }: Balancers): Gauges => {
  const totals = balancers.find(({ name }) => name === BALANCER)?.totals;
  // None yet: it reports what has changed.
  if (totals === undefined || totals === null) return { inFlight: 0, upstreams: 0, queued: 0, tunnels: 0 };
  const { inFlight, queued, tunnels, pools } = totals;
  const upstreams = Object.values(pools).flat();
  return { inFlight, queued, tunnels, upstreams: upstreams.reduce((sum, one) => sum + one.inFlight, 0) };
};

const ask = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => void text(response).then(resolve, reject))
      .once('error', reject)
      .end();
  });

export const onStage = async <T>(options: StageOptions, use: (stage: Stage) => Promise<T>): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'sp-'));
  const home = join(directory, 'h');
  const port = await freePort();
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: process.env['HOME'] ?? '/',
    SKEIN_HOME: home,
    PORT: String(port),
    ...options.env?.(directory),
  };
  const run = async (...args: readonly string[]): Promise<string> =>
    (await expectCommand(process.execPath, [skein, ...args], { env, cwd: directory, timeoutMs: 180_000 }))
      .stdout;
  const apps = async (): Promise<readonly AppView[]> =>
    (JSON.parse(await ask(join(home, 'control.sock'), '/v1/apps')) as AppList).apps;
  const balancers = async (): Promise<readonly number[]> => readyPids(await apps(), BALANCER);
  try {
    const balance = { policy: 'least-connections', ...options.balance };
    const app = { name: APP, script: appPath('proof.cjs'), instances: options.workers, balance };
    const config = join(directory, 'skein.config.json');
    await writeFile(config, JSON.stringify({ apps: [app] }));
    await run('start', config);
    await until('the balancer to be ready', 20_000, async () =>
      (await balancers()).length > 0 ? true : undefined,
    );
    return await use({
      port,
      directory,
      run,
      workers: async () => readyPids(await apps(), APP),
      balancers,
      gauges: async () =>
        gaugesOf(JSON.parse(await ask(join(home, 'control.sock'), '/v1/balancers')) as Balancers),
      memory: async () => sumPrivateBytes(await balancers()),
    });
  } catch (error) {
    process.stderr.write(await readFile(join(home, 'supervisor.log'), 'utf8').catch(() => ''));
    throw error;
  } finally {
    await run('kill').catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
};
