/** State that workers share: the embedded engine beside Redis on the same machine, and local replicas. */
import { join } from 'node:path';
import { expectCommand } from '../lib/command.ts';
import { goal, microseconds, rate, ratioCell, ratioGoal } from '../lib/format.ts';
import { reasonOf, rotated } from '../lib/rounds.ts';
import { withStateServers, type StateServers } from '../lib/state-servers.ts';
import { median, type Sample } from '../lib/statistics.ts';
import type { Context, Failure, Scenario } from './scenario.ts';

const kinds = ['embedded', 'node-redis', 'skein over redis'] as const;
type Kind = (typeof kinds)[number];
type What = 'increment' | 'get' | 'replica';

interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

const app = join(import.meta.dirname, '..', 'apps', 'state-load.mjs');
const workers = 2;
/** To start, to connect and to compile. */
const WARM_UP_MS = 1_500;

interface Load {
  readonly kind: Kind;
  readonly what: What;
  readonly atOnce: number;
  readonly seconds: number;
}

/** One result per worker. */
const measure = async (
  skein: string,
  { redisPort, url }: StateServers,
  load: Load,
): Promise<readonly Measured[]> => {
  const startAt = Date.now() + WARM_UP_MS;
  const args = [app, JSON.stringify({ ...load, skein, redis: redisPort, url, startAt })];
  return Promise.all(
    Array.from({ length: workers }, async () => {
      const { stdout } = await expectCommand(process.execPath, args, { env: {}, timeoutMs: 30_000 });
      return JSON.parse(stdout) as Measured;
    }),
  );
};

type Samples = Record<Kind, (readonly Measured[] | null)[]>;

const totals = (samples: Samples[Kind]): Sample[] =>
  samples.map((all) => (all === null ? null : all.reduce((sum, { perSecond }) => sum + perSecond, 0)));
const slowest = (samples: Samples[Kind]): Sample[] =>
  samples.map((all) => (all === null ? null : Math.min(...all.map(({ perSecond }) => perSecond))));
/** Of the worker for which it was longer. */
const longest = (samples: Samples[Kind], which: 'p50Ms' | 'p99Ms'): Sample[] =>
  samples.map((all) => (all === null ? null : Math.max(...all.map((one) => one[which] ?? 0))));

const run = async (context: Context, servers: StateServers) => {
  const { skeinPackage, depth, progress } = context;
  const full = depth === 'full';
  const failures: Failure[] = [];
  const interleaved = async (what: What, atOnce: number, of: readonly Kind[]): Promise<Samples> => {
    const samples: Samples = { embedded: [], 'node-redis': [], 'skein over redis': [] };
    const rounds = full ? 7 : 3;
    for (let round = 0; round < rounds; round += 1) {
      progress(`${what}, ${atOnce} at once, round ${round + 1} of ${rounds}`);
      for (const kind of rotated(of, round)) {
        const load = { kind, what, atOnce, seconds: full ? 2 : 1 };
        const sample = await measure(skeinPackage, servers, load).catch((error: unknown) => {
          failures.push({ what: `${kind}, ${what}, ${atOnce} at once`, reason: reasonOf(error) });
          return null;
        });
        samples[kind].push(sample);
      }
    }
    return samples;
  };

  const single = await interleaved('increment', 1, kinds);
  const many = await interleaved('increment', 32, kinds);
  const getSingle = await interleaved('get', 1, kinds);
  const getMany = await interleaved('get', 32, kinds);
  const replica = await interleaved('replica', 1, ['embedded', 'skein over redis']);

  const callRows = [
    { what: 'increment', atOnce: 1, samples: single },
    { what: 'increment', atOnce: 32, samples: many },
    { what: 'get', atOnce: 1, samples: getSingle },
    { what: 'get', atOnce: 32, samples: getMany },
  ].flatMap(({ what, atOnce, samples }) =>
    kinds.map((kind) => [
      `${what}, ${kind}`,
      `${atOnce}`,
      rate(median(totals(samples[kind]))),
      ratioCell(totals(samples[kind]), totals(samples['node-redis'])),
      microseconds(median(longest(samples[kind], 'p50Ms'))),
      microseconds(median(longest(samples[kind], 'p99Ms'))),
      ratioCell(longest(samples[kind], 'p99Ms'), longest(samples['node-redis'], 'p99Ms')),
    ]),
  );
  const replicaRows = (['embedded', 'skein over redis'] as const).map((kind) => [
    `replica, ${kind}`,
    '–',
    `${rate(median(slowest(replica[kind])))} in each worker`,
    '–',
    '–',
    '–',
    '–',
  ]);
  const p99Goal = (text: string, samples: Samples) =>
    ratioGoal(text, longest(samples.embedded, 'p99Ms'), longest(samples['node-redis'], 'p99Ms'), {
      atMost: 1,
    });
  return {
    table: {
      columns: ['', 'at once', 'calls/s', '× node-redis', 'p50', 'p99', 'p99 × node-redis'],
      rows: [...callRows, ...replicaRows],
    },
    goals: [
      ratioGoal(
        'embedded increment, 32 at once in each of 2 workers: at least 2 × node-redis',
        totals(many.embedded),
        totals(many['node-redis']),
        { atLeast: 2 },
      ),
      p99Goal('embedded get, 1 at once: p99 below node-redis', getSingle),
      p99Goal('embedded get, 32 at once: p99 below node-redis', getMany),
      goal(
        'replica over the embedded engine: at least 5,000,000 reads/s in each worker',
        median(slowest(replica.embedded)),
        { atLeast: 5_000_000 },
        rate,
      ),
    ],
    failures,
    samples: { single, many, getSingle, getMany, replica },
  };
};

export const state: Scenario = {
  name: 'state',
  title: 'State that workers share',
  method:
    `${workers} worker processes, each with 1 or 32 calls under way all the time, on 100 keys; a \`get\` reads an object of 70 bytes. ` +
    'node-redis is the bare client (`INCR`, `GET` and JSON) with Redis on loopback that keeps nothing on disk; skein over redis is ' +
    'the same API as embedded, in which a write also makes a version and tells subscribers. calls/s of both workers together, ' +
    'percentiles of the slower one. A replica is read while both workers write to it, 200 times a second each.',
  run: (context) => withStateServers(context.skeinPackage, (servers) => run(context, servers)),
};
