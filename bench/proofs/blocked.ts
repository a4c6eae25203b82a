/** One of four workers stands still for one second of every two: the others' clients do not notice. */
import { rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { sendTraffic } from '../lib/open-loop.ts';
import { median, quantile, type Sample } from '../lib/statistics.ts';
import { ask } from './clients.ts';
import { finding, type Proof } from './proof.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 3;
const RATE = 400;
const CONNECTIONS = 32;
const SECONDS = 4;

const flag = (directory: string): string => join(directory, 'block');

/** The latencies as they are; wrk would count a connection that waits as all the requests it might have sent. */
const closedLoop = async ({ port }: Stage): Promise<Sample> => {
  const agent = new Agent({ keepAlive: true });
  const all: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) all.push((await ask(port, '/', { agent })).ms);
    }),
  );
  agent.destroy();
  return quantile(all, 0.99);
};

const openLoop = async ({ port }: Stage, round: number): Promise<Sample> => {
  const traffic = {
    port,
    seconds: SECONDS,
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
      { name: `closed loop (${CONNECTIONS} connections)`, measure: closedLoop },
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
