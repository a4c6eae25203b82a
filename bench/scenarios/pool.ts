/** CPU work on threads: what the pool costs beside bare piscina, and what it does for the event loop. */
import { join } from 'node:path';
import { expectCommand } from '../lib/command.ts';
import { goal, milliseconds, rate, ratioCell, ratioGoal } from '../lib/format.ts';
import { reasonOf, rotated } from '../lib/rounds.ts';
import { median, type Sample } from '../lib/statistics.ts';
import type { Context, Failure, Scenario } from './scenario.ts';

const kinds = ['skein/pool', 'bare piscina', 'no threads'] as const;
type Kind = (typeof kinds)[number];

const arguments_: Readonly<Record<Kind, string>> = {
  'skein/pool': 'skein',
  'bare piscina': 'piscina',
  'no threads': 'inline',
};

interface Measured {
  readonly tasksPerSecond: number;
  readonly p99Ms: number;
}

const app = join(import.meta.dirname, '..', 'apps', 'cpu-pool.mjs');
const atOnce = 8;

const measure = async (skein: string, kind: Kind, n: number, seconds: number): Promise<Measured> => {
  const args = [app, arguments_[kind], skein, n, atOnce, seconds].map(String);
  const { stdout } = await expectCommand(process.execPath, args, { env: {}, timeoutMs: 120_000 });
  return JSON.parse(stdout) as Measured;
};

type Samples = Record<Kind, (Measured | null)[]>;

/** fibonacci(n) for all in turn, as often as there are rounds. */
const interleaved = async (
  { skeinPackage, progress }: Context,
  { n, rounds, seconds, of }: { n: number; rounds: number; seconds: number; of: readonly Kind[] },
  failures: Failure[],
): Promise<Samples> => {
  const samples: Samples = { 'skein/pool': [], 'bare piscina': [], 'no threads': [] };
  for (let round = 0; round < rounds; round += 1) {
    progress(`fibonacci(${n}), round ${round + 1} of ${rounds}`);
    for (const kind of rotated(of, round)) {
      const sample = await measure(skeinPackage, kind, n, seconds).catch((error: unknown) => {
        failures.push({ what: `${kind}, fibonacci(${n})`, reason: reasonOf(error) });
        return null;
      });
      samples[kind].push(sample);
    }
  }
  return samples;
};

const tasks = (samples: readonly (Measured | null)[]): Sample[] =>
  samples.map((sample) => sample?.tasksPerSecond ?? null);
const delays = (samples: readonly (Measured | null)[]): Sample[] =>
  samples.map((sample) => sample?.p99Ms ?? null);

export const pool: Scenario = {
  name: 'pool',
  title: 'CPU work on threads',
  method:
    `fibonacci(n) on as many threads as CPUs, ${atOnce} tasks at once, one process after the other: fibonacci(20) takes about 0.15 ms, ` +
    `fibonacci(25) about 1.5 ms, fibonacci(40) seconds. The delay of the event loop is that of monitorEventLoopDelay while the tasks run.`,
  run: async (context) => {
    const full = context.depth === 'full';
    const failures: Failure[] = [];
    const both = ['skein/pool', 'bare piscina'] as const;
    const quick = { rounds: full ? 7 : 3, seconds: full ? 2 : 1, of: both };
    const small = await interleaved(context, { n: 20, ...quick }, failures);
    const medium = await interleaved(context, { n: 25, ...quick }, failures);
    const long = await interleaved(context, { n: 40, rounds: 1, seconds: 5, of: kinds }, failures);
    const row = (kind: Kind): string[] => [
      kind,
      rate(median(tasks(small[kind]))),
      ratioCell(tasks(small[kind]), tasks(small['bare piscina'])),
      rate(median(tasks(medium[kind]))),
      ratioCell(tasks(medium[kind]), tasks(medium['bare piscina'])),
      milliseconds(median(delays(long[kind]))),
    ];
    const [ours, theirs] = both;
    const atLeast = { atLeast: 0.95 };
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
        rows: kinds.map(row),
      },
      goals: [
        ratioGoal('at least 0.95 × bare piscina, 0.15 ms', tasks(small[ours]), tasks(small[theirs]), atLeast),
        ratioGoal(
          'at least 0.95 × bare piscina, 1.5 ms',
          tasks(medium[ours]),
          tasks(medium[theirs]),
          atLeast,
        ),
        goal(
          'p99 delay of the event loop below 20 ms',
          median(delays(long[ours])),
          { atMost: 20 },
          milliseconds,
        ),
      ],
      failures,
      samples: { small, medium, long },
    };
  },
};
