/** Quick requests beside a few that keep a worker busy: who waits behind whom. */
import { count, milliseconds, ratioCell, ratioGoal } from '../lib/format.ts';
import { sendTraffic, type Answer, type Traffic } from '../lib/open-loop.ts';
import { runRounds, type Rounds } from '../lib/rounds.ts';
import { median, quantile, sum, type Sample } from '../lib/statistics.ts';
import type { Peer } from '../peers/peer.ts';
import type { Scenario } from './scenario.ts';

const heavyShare = 0.05;
const heavyPath = '/burn/50';
const requestsPerSecond = 400;

type Kind = Traffic['connections'];
const kinds: readonly Kind[] = ['close', 'keep-alive'];

interface Latencies {
  /** Milliseconds: 99th percentile of all requests, and of those that burn nothing. */
  readonly all: Sample;
  readonly light: Sample;
  readonly failed: number;
}

type MixedSample = Readonly<Record<Kind, Latencies>>;

const summarise = (answers: readonly Answer[]): Latencies => ({
  all: quantile(
    answers.map(({ latencyMs }) => latencyMs),
    0.99,
  ),
  light: quantile(
    answers.filter(({ path }) => path !== heavyPath).map(({ latencyMs }) => latencyMs),
    0.99,
  ),
  failed: answers.filter(({ latencyMs }) => latencyMs === null).length,
});

const column = (
  rounds: Rounds<MixedSample>,
  peer: Peer,
  kind: Kind,
  of: 'all' | 'light' | 'failed',
): readonly Sample[] => rounds.of(peer).map((sample) => sample?.[kind][of] ?? null);

export const mixed: Scenario = {
  name: 'mixed',
  title: 'Latency beside CPU-heavy requests',
  method:
    `An open-loop client sends ${requestsPerSecond} requests/s (Poisson arrivals, the same ones to every peer of a round) to 2 workers; ` +
    `${heavyShare * 100} % of them burn 50 ms of CPU, so each worker is half busy. Latency counts from when a request was due. ` +
    `p99 of all requests, and of the light ones alone; with a connection per request and on a pool of keep-alive connections.`,
  run: async (context) => {
    const { skeinPerWorker, skeinShared, pm2, clusterShared } = context.peers;
    const peers = [skeinShared, skeinPerWorker, pm2, clusterShared];
    const full = context.depth === 'full';
    const rounds = await runRounds<MixedSample>({
      peers,
      rounds: full ? 5 : 1,
      launch: { app: 'burns-cpu.cjs', workers: 2 },
      progress: context.progress,
      measure: async ({ port }, round) => {
        const latencies = async (connections: Kind): Promise<Latencies> => {
          const seed = 0x5eed + round;
          const path = (random: number): string => (random < heavyShare ? heavyPath : '/');
          return summarise(
            await sendTraffic({ port, seconds: 3, requestsPerSecond, seed, connections, path }),
          );
        };
        return { close: await latencies('close'), 'keep-alive': await latencies('keep-alive') };
      },
    });
    const p99 = (peer: Peer, kind: Kind): readonly Sample[] => column(rounds, peer, kind, 'all');
    return {
      table: {
        columns: ['', 'connections', 'p99 of all', '× pm2', 'p99 of the light', '× pm2', 'failed'],
        rows: kinds.flatMap((kind) =>
          peers.map((peer) => {
            const light = column(rounds, peer, kind, 'light');
            const failed = sum(column(rounds, peer, kind, 'failed'));
            return [
              peer.name,
              kind,
              milliseconds(median(p99(peer, kind))),
              ratioCell(p99(peer, kind), p99(pm2, kind)),
              milliseconds(median(light)),
              ratioCell(light, column(rounds, pm2, kind, 'light')),
              count(failed),
            ];
          }),
        ),
      },
      goals: kinds.flatMap((kind) =>
        [skeinShared, skeinPerWorker].map((peer) =>
          ratioGoal(`${peer.name}, ${kind}: p99 of all at most 0.8 × PM2`, p99(peer, kind), p99(pm2, kind), {
            atMost: 0.8,
          }),
        ),
      ),
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
