/** Eight workers of an app that needs a second: do they start side by side? */
import { goal, ratioCell, seconds } from '../lib/format.ts';
import { runRounds, type Rounds } from '../lib/rounds.ts';
import { median, type Sample } from '../lib/statistics.ts';
import type { Peer } from '../peers/peer.ts';
import type { Scenario } from './scenario.ts';

const workers = 8;

interface BootSample {
  /** Wall time of the start command. */
  readonly command: Sample;
  /** From the command until the last worker listened. */
  readonly allListening: number;
}

const column = (rounds: Rounds<BootSample>, peer: Peer, of: keyof BootSample): readonly Sample[] =>
  rounds.of(peer).map((sample) => sample?.[of] ?? null);

export const boot: Scenario = {
  name: 'boot',
  title: 'Starting 8 workers of an app that needs 1 s to boot',
  method:
    'From nothing running (daemon included) until the last of 8 workers listens, and until the start command has returned. ' +
    '`skein start` returns when all are ready; `pm2 start` returns before they listen.',
  run: async ({ depth, peers: all, progress }) => {
    const { skeinPerWorker, pm2, clusterRoundRobin } = all;
    const peers = [skeinPerWorker, pm2, clusterRoundRobin];
    const rounds = await runRounds<BootSample>({
      peers,
      rounds: depth === 'full' ? 3 : 1,
      launch: { app: 'slow-boot.cjs', workers },
      progress,
      measure: async ({ commandAt, commandMs, workers: listening }) => ({
        command: commandMs,
        allListening: Math.max(...listening.map(({ at }) => at)) - commandAt,
      }),
    });
    const command = column(rounds, skeinPerWorker, 'command');
    return {
      table: {
        columns: ['', 'all 8 listening', '× pm2', 'command returned'],
        rows: peers.map((peer) => [
          peer.name,
          seconds(median(column(rounds, peer, 'allListening'))),
          ratioCell(column(rounds, peer, 'allListening'), column(rounds, pm2, 'allListening')),
          seconds(median(column(rounds, peer, 'command'))),
        ]),
      },
      goals: [
        goal(
          '`skein start -i 8` back, all ready, in at most 2 s',
          median(command),
          { atMost: 2000 },
          seconds,
        ),
      ],
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
