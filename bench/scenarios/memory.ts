/** What a process manager takes for itself: in every worker, and beside them. */
import { goal, mebibytes } from '../lib/format.ts';
import { privateBytes, sumPrivateBytes } from '../lib/memory.ts';
import { sendTraffic } from '../lib/open-loop.ts';
import { reasonOf } from '../lib/rounds.ts';
import { median, type Sample } from '../lib/statistics.ts';
import type { Peer, Running } from '../peers/peer.ts';
import type { Context, Failure, Scenario } from './scenario.ts';

const manyApps = 20;
const requestsPerWorker = 50;

interface MemorySample {
  /** Bytes, one per worker process: when all listen, and after the same few requests to everybody
   *  (what is compiled or touched on the first request is part of what an app needs). */
  readonly fresh: readonly number[];
  readonly used: readonly number[];
  /** Bytes of all processes beside the workers, with one app and with `manyApps`. */
  readonly overseers: Sample;
  readonly overseersOfMany: Sample;
}

const workers = (running: Running): Promise<number[]> =>
  Promise.all([...new Set(running.workers.map(({ pid }) => pid))].map(privateBytes));

const overseers = async (running: Running): Promise<Sample> => {
  const pids = await running.overseers();
  return pids.length === 0 ? null : sumPrivateBytes(pids);
};

const warmUp = ({ port, workers: { length } }: Running): Promise<unknown> => {
  const requestsPerSecond = requestsPerWorker * length;
  return sendTraffic({ port, seconds: 1, requestsPerSecond, seed: 1, connections: 'close', path: () => '/' });
};

const overseersOfMany = async (running: Running): Promise<Sample> => {
  if (running.startAnother === undefined) return null;
  for (let n = 2; n <= manyApps; n += 1)
    await running.startAnother(`app${n}`, { app: 'idle.cjs', workers: 1 });
  return overseers(running);
};

/**
 * Starts all peers before any is measured: a page of the node binary that only one process maps
 * would count as private to it.
 */
const measureAll = async (
  { progress }: Context,
  peers: readonly Peer[],
): Promise<{ readonly samples: ReadonlyMap<Peer, MemorySample>; readonly failures: readonly Failure[] }> => {
  const samples = new Map<Peer, MemorySample>();
  const failures: Failure[] = [];
  const running = new Map<Peer, Running>();
  const forEach = async (
    what: string,
    work: (peer: Peer, running: Running) => Promise<void>,
  ): Promise<void> => {
    for (const [peer, one] of running) {
      progress(`${what}: ${peer.name}`);
      await work(peer, one).catch((error: unknown) =>
        failures.push({ what: `${peer.name}, ${what}`, reason: reasonOf(error) }),
      );
    }
  };
  for (const peer of peers) {
    progress(`start: ${peer.name}`);
    try {
      running.set(peer, await peer.start({ app: 'hello.cjs', workers: 2 }));
    } catch (error) {
      failures.push({ what: `${peer.name}, start`, reason: reasonOf(error) });
    }
  }
  await forEach('1 app', async (peer, one) => {
    const fresh = await workers(one);
    await warmUp(one);
    const used = await workers(one);
    samples.set(peer, { fresh, used, overseers: await overseers(one), overseersOfMany: null });
  });
  await forEach(`${manyApps} apps`, async (peer, one) => {
    const sample = samples.get(peer);
    if (sample !== undefined) samples.set(peer, { ...sample, overseersOfMany: await overseersOfMany(one) });
  });
  await forEach('stop', (_, one) => one.stop());
  return { samples, failures };
};

const minus = (a: Sample, b: Sample): Sample => (a === null || b === null ? null : a - b);

const mib = 2 ** 20;

export const memory: Scenario = {
  name: 'memory',
  title: 'Private memory',
  method:
    `Private_Clean and Private_Dirty of smaps_rollup: of one worker (the median of two) when it has begun to listen and after about ${requestsPerWorker} requests, ` +
    `and of everything beside the workers (daemon, primary, holder and supervisor) with 1 app and with ${manyApps}. ` +
    `Watt's workers are threads of one process, so its row is that whole process.`,
  run: async (context) => {
    const { skeinPerWorker, skeinShared, pm2, node, clusterRoundRobin, watt } = context.peers;
    const peers = [node, skeinPerWorker, skeinShared, pm2, clusterRoundRobin, watt];
    // Two of them, as all others have two workers.
    const node2: Peer = { ...node, name: `${node.name}, second` };
    const { samples, failures } = await measureAll(context, [...peers, node2]);
    const worker = (peer: Peer, when: 'fresh' | 'used'): Sample =>
      median((peer === node ? [node, node2] : [peer]).flatMap((one) => samples.get(one)?.[when] ?? []));
    const added = (peer: Peer, when: 'fresh' | 'used'): Sample =>
      minus(worker(peer, when), worker(node, when));
    const beside = (peer: Peer): Sample => samples.get(peer)?.overseers ?? null;
    const besideMany = (peer: Peer): Sample => samples.get(peer)?.overseersOfMany ?? null;
    const ours = skeinPerWorker;
    return {
      table: {
        columns: [
          '',
          'worker, listening',
          'more than node',
          'worker, used',
          'more than node',
          'beside the workers',
          `with ${manyApps} apps`,
        ],
        rows: peers.map((peer) => [
          peer.name,
          mebibytes(worker(peer, 'fresh')),
          mebibytes(added(peer, 'fresh')),
          mebibytes(worker(peer, 'used')),
          mebibytes(added(peer, 'used')),
          mebibytes(beside(peer)),
          mebibytes(besideMany(peer)),
        ]),
      },
      goals: [
        goal(
          'the preload adds at most 2 MiB to a worker that listens',
          added(ours, 'fresh'),
          { atMost: 2 * mib },
          mebibytes,
        ),
        goal('… and to one that has served', added(ours, 'used'), { atMost: 2 * mib }, mebibytes),
        goal('holder and supervisor together at most 32 MiB', beside(ours), { atMost: 32 * mib }, mebibytes),
        goal(`… with ${manyApps} apps too`, besideMany(ours), { atMost: 32 * mib }, mebibytes),
        goal(
          `… and flat: at most 2 MiB more`,
          minus(besideMany(ours), beside(ours)),
          { atMost: 2 * mib },
          mebibytes,
        ),
      ],
      failures,
      samples: Object.fromEntries([...samples].map(([peer, sample]) => [peer.name, sample])),
    };
  },
};
