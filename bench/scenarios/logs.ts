/** A million lines: what reading and writing them costs beside the workers. */
import { sumCpuMs } from '../lib/cpu.ts';
import { floodLines } from '../lib/flood-lines.ts';
import { count, goal, mebibytes, ratioCell, ratioGoal, seconds } from '../lib/format.ts';
import { sumPrivateBytes } from '../lib/memory.ts';
import { runRounds } from '../lib/rounds.ts';
import { median, type Sample } from '../lib/statistics.ts';
import { until } from '../lib/until.ts';
import type { Peer, Running } from '../peers/peer.ts';
import type { Scenario } from './scenario.ts';

const workers = 4;
const lines = 1_000_000;
const LIMIT_MS = 120_000;

interface LogSample {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly grownBytes: number;
  readonly lost: number;
  readonly wrong: number;
}

/** Until nothing has been worked for a while: compressing goes on after the last line. */
const untilIdle = async (pids: readonly number[]): Promise<void> => {
  let before = await sumCpuMs(pids);
  let quiet = 0;
  await until('the end of the work', LIMIT_MS, async () => {
    const now = await sumCpuMs(pids);
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    return quiet >= 25 ? true : undefined;
  });
};

const measure = async ({ workers: listening, overseers, logDirectory }: Running): Promise<LogSample> => {
  if (logDirectory === undefined) throw new Error('this peer keeps no logs');
  const pids = await overseers();
  await untilIdle(pids);
  const [cpuBefore, bytesBefore] = [await sumCpuMs(pids), await sumPrivateBytes(pids)];
  const begun = performance.now();
  for (const { pid } of listening) process.kill(pid, 'SIGUSR2');
  await until('a first line', LIMIT_MS, async () => ((await sumCpuMs(pids)) > cpuBefore ? true : undefined));
  await untilIdle(pids);
  const wallMs = performance.now() - begun;
  const cpuMs = (await sumCpuMs(pids)) - cpuBefore;
  const grownBytes = (await sumPrivateBytes(pids)) - bytesBefore;
  const { whole, wrong } = await floodLines(logDirectory);
  return { cpuMs, wallMs, grownBytes, lost: lines - whole, wrong };
};

export const logs: Scenario = {
  name: 'logs',
  title: 'A million lines of output',
  method:
    `${workers} workers print ${lines.toLocaleString('en')} lines of 80 bytes as fast as they are taken. CPU time (utime and stime) of everything beside the workers, ` +
    'compressing the file that is full included, and how much their private memory is larger afterwards than before.',
  run: async ({ depth, peers, progress }) => {
    const { skeinShared, pm2 } = peers;
    const rounds = await runRounds({
      peers: [skeinShared, pm2],
      rounds: depth === 'full' ? 3 : 1,
      launch: { app: 'floods.cjs', workers },
      measure,
      progress,
    });
    const all = (peer: Peer, field: keyof LogSample): Sample[] =>
      rounds.of(peer).map((sample) => sample?.[field] ?? null);
    const worst = (peer: Peer, field: keyof LogSample): Sample =>
      all(peer, field).reduce((most, one) => (most === null || (one ?? 0) > most ? one : most), null);
    const row = (peer: Peer): string[] => [
      peer.name,
      seconds(median(all(peer, 'cpuMs'))),
      ratioCell(all(peer, 'cpuMs'), all(pm2, 'cpuMs')),
      mebibytes(worst(peer, 'grownBytes')),
      count(worst(peer, 'lost')),
      count(worst(peer, 'wrong')),
    ];
    return {
      table: {
        columns: ['', 'CPU time', '× pm2', 'memory grown', 'lines lost', 'broken or twice'],
        rows: [row(skeinShared), row(pm2)],
      },
      goals: [
        goal('no line is lost', worst(skeinShared, 'lost'), { atMost: 0 }, count),
        goal('… broken, or there twice', worst(skeinShared, 'wrong'), { atMost: 0 }, count),
        ratioGoal(
          'CPU time at most 0.5 × that of the PM2 daemon',
          all(skeinShared, 'cpuMs'),
          all(pm2, 'cpuMs'),
          { atMost: 0.5 },
        ),
        goal(
          'private memory grows by at most 20 MiB',
          worst(skeinShared, 'grownBytes'),
          { atMost: 20 * 2 ** 20 },
          mebibytes,
        ),
      ],
      failures: rounds.failures,
      samples: rounds.samples,
    };
  },
};
