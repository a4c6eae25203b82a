/**
 * Skein and its peers, side by side in one run on this machine:
 *
 *   npm run bench                 everything, about ten minutes
 *   npm run bench -- --quick      a look, about two minutes
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installSkein, repository } from './lib/install-skein.ts';
import { describeMachine } from './lib/machine.ts';
import { parseOptions, usage, type Options } from './lib/options.ts';
import { insertResults, toMarkdown, type Run } from './lib/report.ts';
import { describeVersions } from './lib/versions.ts';
import { nodeCluster } from './peers/node-cluster.ts';
import { plainNode } from './peers/node.ts';
import { pm2 } from './peers/pm2.ts';
import { stopEverything } from './peers/running.ts';
import { skein } from './peers/skein.ts';
import { watt } from './peers/watt.ts';
import { scenarios } from './scenarios/index.ts';
import type { Peers, Scenario } from './scenarios/scenario.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const peersIn = (root: string, skeinBin: string): Peers => ({
  skeinPerWorker: skein(root, skeinBin, 'per-worker'),
  skeinShared: skein(root, skeinBin, 'shared'),
  pm2: pm2(root),
  node: plainNode(root),
  clusterRoundRobin: nodeCluster(root, 'round-robin'),
  clusterShared: nodeCluster(root, 'shared'),
  watt: watt(root),
});

const runAll = async (selected: readonly Scenario[], { depth }: Options, root: string): Promise<Run> => {
  const machine = await describeMachine();
  const versions = await describeVersions();
  const started = new Date();
  say('packing and installing Skein');
  const skeinBin = await installSkein(root);
  const peers = peersIn(root, skeinBin);
  const skeinPackage = dirname(dirname(skeinBin));
  const results: Run['results'][number][] = [];
  for (const { run, ...scenario } of selected) {
    const result = await run({
      depth,
      peers,
      skeinPackage,
      progress: (text) => say(`${scenario.name}: ${text}`),
    });
    for (const { what, reason } of result.failures) say(`${scenario.name}: not measured: ${what}: ${reason}`);
    results.push({ scenario, result });
  }
  return {
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
    startedAt: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
    machine,
    versions,
    results,
  };
};

const record = async (run: Run, markdown: string, { write }: Options): Promise<void> => {
  const directory = join(import.meta.dirname, 'results');
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${run.startedAt.replaceAll(':', '-')}.json`);
  await writeFile(file, `${JSON.stringify(run, null, 2)}\n`);
  say(`wrote ${file}`);
  if (!write) return;
  const page = join(repository, 'docs', 'benchmarks.md');
  await writeFile(page, insertResults(await readFile(page, 'utf8'), markdown));
  say(`wrote ${page}`);
};

const names = scenarios.map(({ name }) => name);

const main = async (): Promise<number> => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage.replace('{scenarios}', names.join(', ')));
    return 0;
  }
  const unknown = options.only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new TypeError(`no scenario ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const selected = scenarios.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const root = await mkdtemp(join(tmpdir(), 'sb-'));
  const cleanUp = async (): Promise<void> => {
    await stopEverything();
    await rm(root, { recursive: true, force: true });
  };
  const giveUp = (): void => {
    say('stopping what runs');
    void cleanUp().finally(() => process.exit(130));
  };
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp);
  try {
    const run = await runAll(selected, options, root);
    const markdown = toMarkdown(run);
    process.stdout.write(markdown);
    await record(run, markdown, options);
    return run.results.every(({ result }) => result.failures.length === 0) ? 0 : 1;
  } finally {
    await cleanUp();
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
