/** How long one looks at the prompt: the commands that list what runs. */
import { milliseconds, ratioCell, ratioGoal } from '../lib/format.ts';
import { reasonOf, rotated, withRunning } from '../lib/rounds.ts';
import { median, quantile, type Sample } from '../lib/statistics.ts';
import type { CommandResult } from '../lib/command.ts';
import type { Failure, Scenario } from './scenario.ts';

type List = () => Promise<CommandResult>;

const launch = { app: 'hello.cjs', workers: 2 };

const required = (list: List | undefined): List => {
  if (list === undefined) throw new Error('this peer has no list command');
  return list;
};

export const list: Scenario = {
  name: 'list',
  title: 'Listing what runs',
  method: 'Wall time of `skein list --json` and `pm2 jlist`, in turn, with one app on 2 workers.',
  run: async ({ depth, peers, progress }) => {
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    const failures: Failure[] = [];
    const turns = depth === 'full' ? 20 : 8;
    const measure = (skein: List, pm2: List): Promise<void> => {
      const commands = [
        { run: skein, into: ours },
        { run: pm2, into: theirs },
      ];
      return Array.from({ length: turns }, (_, turn) => rotated(commands, turn))
        .flat()
        .reduce(async (before, { run, into }) => {
          await before;
          into.push((await run()).wallMs);
        }, Promise.resolve());
    };
    try {
      progress(`${turns} times each`);
      await withRunning(peers.skeinPerWorker, launch, (skein) =>
        withRunning(peers.pm2, launch, (pm2) => measure(required(skein.list), required(pm2.list))),
      );
    } catch (error) {
      failures.push({ what: 'list', reason: reasonOf(error) });
    }
    const row = (name: string, samples: readonly Sample[]): string[] => [
      name,
      milliseconds(median(samples)),
      milliseconds(quantile(samples, 0.9)),
      ratioCell(samples, theirs),
    ];
    return {
      table: {
        columns: ['', 'median', 'p90', '× pm2 jlist'],
        rows: [row('skein list --json', ours), row('pm2 jlist', theirs)],
      },
      goals: [
        ratioGoal('`skein list` at most 0.5 × the wall time of `pm2 jlist`', ours, theirs, { atMost: 0.5 }),
      ],
      failures,
      samples: { 'skein list --json': ours, 'pm2 jlist': theirs },
    };
  },
};
