/** One of four workers stands still for one second of every two: the others' clients do not notice. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sendTraffic } from '../lib/open-loop.ts';
import { median, quantile, type Sample } from '../lib/statistics.ts';
import { wrk } from '../lib/wrk.ts';
import { finding, type Proof } from './proof.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 5;
const RATE = 400;

const flag = (directory: string): string => join(directory, 'block');

/** In a closed loop a stall shows once for each connection; in an open one for each request that is due meanwhile. */
const closedLoop = async ({ port }: Stage): Promise<Sample> =>
  (await wrk({ port, connections: 32, close: false, seconds: 4 })).p99Ms;

const openLoop = async ({ port }: Stage, round: number): Promise<Sample> => {
  const traffic = {
    port,
    seconds: 4,
    requestsPerSecond: RATE,
    seed: 0x5eed + round,
    connections: 'keep-alive',
  };
  const answers = await sendTraffic({ ...traffic, connections: 'keep-alive', path: () => '/' });
  return quantile(
    answers.map(({ latencyMs }) => latencyMs ?? 10_000),
    0.99,
  );
};

export const blocked: Proof = {
  name: 'blocked',
  title: 'One of four workers blocked for 1 s in every 2 s',
  stage: { workers: 4, env: (directory) => ({ BLOCK_WHEN: flag(directory) }) },
  run: async (stage, progress) => {
    const loops = [
      { name: `open loop (${RATE} requests/s, latency from when a request was due)`, measure: openLoop },
      { name: 'closed loop (wrk, 32 connections)', measure: closedLoop },
    ];
    const findings = [];
    for (const { name, measure } of loops) {
      const samples: { readonly with: Sample[]; readonly without: Sample[] } = { with: [], without: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        progress(`${name}, round ${round + 1} of ${ROUNDS}`);
        const kinds = round % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const);
        for (const kind of kinds) {
          if (kind === 'with') await writeFile(flag(stage.directory), '');
          else await rm(flag(stage.directory), { force: true });
          await measure(stage, round + 100);
          samples[kind].push(await measure(stage, round));
        }
      }
      const without = median(samples.without) ?? Number.NaN;
      const beside = median(samples.with) ?? Number.NaN;
      findings.push(
        finding(
          `p99 at most 1.2 × that without, ${name}`,
          beside <= 1.2 * without,
          `${(beside / without).toFixed(2)} × (${without.toFixed(2)} ms without, ${beside.toFixed(2)} ms with; medians of ${ROUNDS} rounds)`,
        ),
      );
    }
    return findings;
  },
};
