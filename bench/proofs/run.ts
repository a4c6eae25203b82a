/**
 * What the balancer promises under load, each proof on an installation of its own:
 *
 *   node bench/proofs/run.ts                  all of them, some minutes
 *   node bench/proofs/run.ts idle kills       only these
 *
 * Needs a built dist/, wrk, and 20,000 open files for each process (`ulimit -n 20000`). Prints Markdown and writes all of it to bench/results/. Exits with 1 when something did not hold.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../lib/machine.ts';
import { until } from '../lib/until.ts';
import { blocked } from './blocked.ts';
import { idle } from './idle.ts';
import { kills } from './kills.ts';
import { leaving } from './leaving.ts';
import { slowReaders } from './slow-readers.ts';
import { transfers } from './transfers.ts';
import { webSockets } from './web-sockets.ts';
import { finding, type Finding, type Proof } from './proof.ts';
import { onStage, type Stage } from './stage.ts';

const proofs: readonly Proof[] = [idle, webSockets, transfers, slowReaders, leaving, kills, blocked];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Nothing is counted as in flight, queued or open when all clients have gone. */
const isQuiet = async (stage: Stage): Promise<Finding> => {
  const begun = performance.now();
  const last = await until('all counters to be 0 again', 10_000, async () => {
    const now = await stage.gauges();
    return Object.values(now).every((value) => value === 0) ? now : undefined;
  }).catch(() => stage.gauges());
  const text = Object.entries(last).map(([name, value]) => `${name} ${value}`);
  const ok = Object.values(last).every((value) => value === 0);
  return finding(
    'in flight, queued and tunnels are 0 again',
    ok,
    `${text.join(', ')} after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
};

const runOne = (proof: Proof): Promise<readonly Finding[]> =>
  onStage(proof.stage, async (stage) => {
    const findings = await proof.run(stage, (line) => say(`${proof.name}: ${line}`));
    return [...findings, await isQuiet(stage)];
  });

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !proofs.some((proof) => proof.name === name));
if (unknown.length > 0) {
  say(`no proof ${unknown.join(', ')}; there are ${proofs.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const startedAt = new Date().toISOString();
const machine = await describeMachine();
const results = [];
for (const proof of proofs.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const findings = await runOne(proof).catch((error: unknown) => [
    finding(proof.title, false, error instanceof Error ? error.message : String(error)),
  ]);
  results.push({ proof: proof.name, title: proof.title, findings });
  const rows = findings.map(
    ({ asked: what, measured, ok }) => `| ${what} | ${measured} | ${ok ? 'holds' : '**does not hold**'} |`,
  );
  process.stdout.write(
    `### ${proof.title}\n\n| asked | measured |  |\n| --- | --- | --- |\n${rows.join('\n')}\n\n`,
  );
}
const directory = join(import.meta.dirname, '..', 'results');
await mkdir(directory, { recursive: true });
const file = join(directory, `proofs-${startedAt.replaceAll(':', '-')}.json`);
await writeFile(file, `${JSON.stringify({ startedAt, machine, results }, null, 2)}\n`);
say(`wrote ${file}`);
process.exit(results.every(({ findings }) => findings.every(({ ok }) => ok)) ? 0 : 1);
