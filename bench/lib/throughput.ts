/** Requests per second under wrk, for every peer: what `close` and `keep-alive` have in common. */
import { count, rate, ratioCell } from './format.ts';
import { runRounds, type Rounds } from './rounds.ts';
import { median, sum, type Sample } from './statistics.ts';
import { countErrors, wrk } from './wrk.ts';
import type { Peer } from '../peers/peer.ts';
import type { Context, Table } from '../scenarios/scenario.ts';

export interface ThroughputSample {
  readonly requestsPerSecond: number;
  readonly errors: number;
}

export const connections = 64;
export const workers = 2;

export const measureThroughput = (
  context: Context,
  peers: readonly Peer[],
  close: boolean,
): Promise<Rounds<ThroughputSample>> => {
  const { depth, progress } = context;
  const full = depth === 'full';
  return runRounds<ThroughputSample>({
    peers,
    rounds: full ? 3 : 1,
    launch: { app: 'hello.cjs', workers },
    progress,
    measure: async ({ port }) => {
      await wrk({ port, connections, close, seconds: 1 });
      const { requestsPerSecond, errors } = await wrk({ port, connections, close, seconds: 2 });
      return { requestsPerSecond, errors: countErrors(errors) };
    },
  });
};

export const rates = (rounds: Rounds<ThroughputSample>, peer: Peer): readonly Sample[] =>
  rounds.of(peer).map((sample) => sample?.requestsPerSecond ?? null);

const errorsOf = (rounds: Rounds<ThroughputSample>, peer: Peer): Sample =>
  sum(rounds.of(peer).map((sample) => sample?.errors ?? null));

/** One row per peer; a column of ratios for each of `references`. */
export const throughputTable = (
  rounds: Rounds<ThroughputSample>,
  peers: readonly Peer[],
  references: readonly Peer[],
): Table => ({
  columns: ['', 'requests/s', ...references.map(({ name }) => `× ${name}`), 'errors'],
  rows: peers.map((peer) => [
    peer.name,
    rate(median(rates(rounds, peer))),
    ...references.map((reference) => ratioCell(rates(rounds, peer), rates(rounds, reference))),
    count(errorsOf(rounds, peer)),
  ]),
});
