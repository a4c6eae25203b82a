/** CPU work on threads: what the pool costs beside bare piscina, and what it does for the event loop. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectCommand } from '../lib/command.ts';
import { goal, milliseconds, rate, ratioCell, ratioGoal } from '../lib/format.ts';
import { reasonOf } from '../lib/rounds.ts';
import { median, type Sample } from '../lib/statistics.ts';
import { until } from '../lib/until.ts';
import type { Context, Failure, Scenario } from './scenario.ts';

const atOnce = 8;
const workers = 2;

const appFile = (name: string): string => join(import.meta.dirname, '..', 'apps', name);

interface Rates {
  readonly skein: number;
  readonly piscina: number;
}

interface Delay {
  readonly p99Ms: number;
}

const runApp = async <T>(name: string, ...args: (string | number)[]): Promise<T> => {
  const options = { env: {}, timeoutMs: 120_000 };
  const { stdout } = await expectCommand(process.execPath, [appFile(name), ...args.map(String)], options);
  return JSON.parse(stdout) as T;
};

/** The workers of one app under Skein, each of which measures itself. */
const delaysUnderSkein = async (skein: string): Promise<Delay[]> => {
  const directory = await mkdtemp(join(tmpdir(), 'sb-'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    SKEIN_HOME: join(directory, 'home'),
    SKEIN_PACKAGE: skein,
    RESULTS: directory,
  };
  const run = (...args: string[]) =>
    expectCommand(process.execPath, [join(skein, 'bin', 'skein.js'), ...args], { env });
  try {
    await run('start', appFile('computes.mjs'), '--instances', String(workers));
    const files = await until('the workers to have measured', 60_000, async () => {
      const found = (await readdir(directory)).filter((file) => file.endsWith('.json'));
      return found.length === workers ? found : undefined;
    });
    return await Promise.all(
      files.map(async (file) => JSON.parse(await readFile(join(directory, file), 'utf8')) as Delay),
    );
  } finally {
    await run('kill').catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
};

export const pool: Scenario = {
  name: 'pool',
  title: 'CPU work on threads',
  method:
    `fibonacci(n) on as many threads as CPUs, ${atOnce} tasks at once: fibonacci(20) takes about 0.15 ms, fibonacci(25) about 1.5 ms. ` +
    `skein/pool and bare piscina take turns of 50 ms in one process. The delay of the event loop is that of monitorEventLoopDelay while ` +
    `fibonacci(40) runs without a pause: the worse of the ${workers} workers of \`skein start -i ${workers}\`; on bare piscina and without threads in one process.`,
  run: async ({ depth, progress, skeinPackage }: Context) => {
    const full = depth === 'full';
    const failures: Failure[] = [];
    const tried = async <T>(what: string, measure: () => Promise<T>): Promise<T | null> => {
      progress(what);
      return measure().catch((error: unknown) => {
        failures.push({ what, reason: reasonOf(error) });
        return null;
      });
    };
    const ratesOf = async (n: number): Promise<(Rates | null)[]> => {
      const rates: (Rates | null)[] = [];
      for (let round = 1; round <= (full ? 7 : 3); round += 1)
        rates.push(
          await tried(`fibonacci(${n}), round ${round}`, () =>
            runApp<Rates>('pool-pairs.mjs', skeinPackage, n, atOnce, full ? 4 : 2),
          ),
        );
      return rates;
    };
    const small = await ratesOf(20);
    const medium = await ratesOf(25);
    const workersDelays = await tried('skein start', () => delaysUnderSkein(skeinPackage));
    const delayOf = (kind: string) =>
      tried(kind, () => runApp<Delay>('cpu-pool.mjs', kind, skeinPackage, 40, atOnce, 5));
    const piscinaDelay = await delayOf('piscina');
    const inlineDelay = await delayOf('inline');

    const of = (rates: readonly (Rates | null)[], kind: keyof Rates): Sample[] =>
      rates.map((one) => one?.[kind] ?? null);
    const worst = workersDelays === null ? null : Math.max(...workersDelays.map(({ p99Ms }) => p99Ms));
    const row = (kind: keyof Rates, delay: Sample): string[] => [
      kind === 'skein' ? 'skein/pool' : 'bare piscina',
      rate(median(of(small, kind))),
      ratioCell(of(small, kind), of(small, 'piscina')),
      rate(median(of(medium, kind))),
      ratioCell(of(medium, kind), of(medium, 'piscina')),
      milliseconds(delay),
    ];
    const enough = (text: string, rates: readonly (Rates | null)[]) =>
      ratioGoal(`at least 0.95 × bare piscina, ${text}`, of(rates, 'skein'), of(rates, 'piscina'), {
        atLeast: 0.95,
      });
    return {
      table: {
        columns: [
          '',
          'fibonacci(20)/s',
          '× piscina',
          'fibonacci(25)/s',
          '× piscina',
          'p99 delay of the event loop, fibonacci(40)',
        ],
        rows: [
          row('skein', worst),
          row('piscina', piscinaDelay?.p99Ms ?? null),
          ['no threads', '', '', '', '', milliseconds(inlineDelay?.p99Ms ?? null)],
        ],
      },
      goals: [
        enough('0.15 ms', small),
        enough('1.5 ms', medium),
        goal('p99 delay of the event loop below 20 ms', worst, { atMost: 20 }, milliseconds),
      ],
      failures,
      samples: { small, medium, workersDelays, piscinaDelay, inlineDelay },
    };
  },
};
