/** Replacing every worker under load: what the clients notice. */
import { setTimeout as delay } from 'node:timers/promises';
import { count, goal, rate, seconds } from '../lib/format.ts';
import { runRounds, type Rounds } from '../lib/rounds.ts';
import { median, sum, type Sample } from '../lib/statistics.ts';
import { countErrors, wrk, type WrkErrors } from '../lib/wrk.ts';
import type { Peer, Running } from '../peers/peer.ts';
import type { Scenario } from './scenario.ts';

const connections = 64;
/** Load before the first reload, so that connections are warm and all of them in use. */
const leadInMs = 500;
const mostReloads = 3;

interface ReloadSample {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly errors: WrkErrors;
  readonly lost: number;
  readonly reloads: readonly number[];
}

/** Reloads again and again while there is time for one more before the load ends. */
const reloadUnderLoad = async ({ port, reload }: Running, loadSeconds: number): Promise<ReloadSample> => {
  if (reload === undefined) throw new Error('this peer cannot reload');
  const loadEnds = performance.now() + loadSeconds * 1000;
  const load = wrk({ port, connections, close: false, seconds: loadSeconds });
  // Awaited below; a reload that throws first must not leave it unhandled.
  load.catch(() => undefined);
  await delay(leadInMs);
  const reloads: number[] = [];
  do {
    reloads.push((await reload()).wallMs);
  } while (performance.now() + 2 * Math.max(...reloads) < loadEnds && reloads.length < mostReloads);
  const overran = performance.now() > loadEnds;
  const { requests, requestsPerSecond, errors } = await load;
  if (overran) throw new Error(`${reloads.length} reloads took longer than the ${loadSeconds} s of load`);
  return { requests, requestsPerSecond, errors, lost: countErrors(errors), reloads };
};

const column = (
  rounds: Rounds<ReloadSample>,
  peer: Peer,
  value: (sample: ReloadSample) => Sample,
): Sample[] => rounds.of(peer).map((sample) => (sample === null ? null : value(sample)));

export const reload: Scenario = {
  name: 'reload',
  title: 'Reload under keep-alive load',
  method:
    `wrk with ${connections} keep-alive connections at full speed against 2 workers while the app is reloaded, up to ${mostReloads} times. ` +
    `Errors are requests that got no answer or a wrong one: connections refused, closed or reset where a response was due, timeouts (5 s), statuses other than 2xx and 3xx. ` +
    `Watt restarts the whole runtime.`,
  run: async ({ depth, peers: all, progress }) => {
    const { skeinPerWorker, skeinShared, pm2, watt } = all;
    const peers = [skeinPerWorker, skeinShared, pm2, watt];
    const rounds = await runRounds<ReloadSample>({
      peers,
      rounds: 1,
      launch: { app: 'hello.cjs', workers: 2 },
      progress,
      measure: (running) => reloadUnderLoad(running, depth === 'full' ? 10 : 6),
    });
    const lost = (peer: Peer): Sample => sum(column(rounds, peer, (sample) => sample.lost));
    return {
      table: {
        columns: ['', 'reloads', 'requests', 'errors', 'requests/s', 'one reload'],
        rows: peers.map((peer) => [
          peer.name,
          count(sum(column(rounds, peer, (sample) => sample.reloads.length))),
          count(sum(column(rounds, peer, (sample) => sample.requests))),
          count(lost(peer)),
          rate(median(column(rounds, peer, (sample) => sample.requestsPerSecond))),
          seconds(median(column(rounds, peer, (sample) => median(sample.reloads)))),
        ]),
      },
      goals: [skeinPerWorker, skeinShared].map((peer) =>
        goal(`${peer.name}: no error`, lost(peer), { atMost: 0 }, count),
      ),
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
