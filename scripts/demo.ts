/**
 * `npm run demo`: an ordinary server on every core, a rolling reload and a killed worker while
 * clients are at it, and the clients' own tally of what became of each request.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import type { AppList } from '../src/protocol/control.ts';
import { type Load, startLoad } from '../test/support/load/load.ts';
import { lost, type Loss, type Tally } from '../test/support/load/profile.ts';
import { freePort } from '../test/support/ports.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'bin', 'skein.js');
const script = join(root, 'examples', 'hello.js');
const requestsPerSecond = 500;

const folder = mkdtempSync(join(tmpdir(), 'sk-demo-'));
const port = await freePort();
const env = { ...process.env, SKEIN_HOME: join(folder, 'home'), PORT: String(port) };

const say = (text: string): void => console.log(`\n${styleText('bold', text)}`);
const number = (value: number): string => value.toLocaleString('en-US');

/** Shows a command as the user would type it, and what it prints. */
const skein = (...args: readonly string[]): void => {
  console.log(
    styleText('cyan', `$ skein ${args.map((arg) => (arg === script ? relative(root, arg) : arg)).join(' ')}`),
  );
  const { status } = spawnSync(process.execPath, [bin, ...args], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`skein ${args[0] ?? ''} ended with exit code ${String(status)}`);
};

const workerPids = (): number[] => {
  const { stdout } = spawnSync(process.execPath, [bin, 'list', '--json'], { env, encoding: 'utf8' });
  const { apps } = JSON.parse(stdout) as AppList;
  return apps.flatMap(({ workers }) =>
    workers.flatMap(({ pid, state }) => (state === 'ready' && pid !== null ? [pid] : [])),
  );
};

interface Killed {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const report = (tally: Tally, killed: Killed): number => {
  // No server can answer for a process that is gone; only these were inside it.
  const wasInside = ({ outcome, worker, endedAt }: Loss): boolean =>
    (outcome === 'reset' || outcome === 'truncated') &&
    (worker === null || worker === String(killed.pid)) &&
    endedAt >= killed.at &&
    endedAt < killed.at + 100;
  const outside = tally.losses.filter((loss) => !wasInside(loss));
  const inside = tally.losses.length - outside.length;
  const lostOnes = lost(tally) - inside;
  const count = (...outcomes: readonly Loss['outcome'][]): number =>
    outside.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const kinds = [
    `refused ${count('refused')}`,
    `reset ${count('reset')}`,
    `truncated ${count('truncated')}`,
    `timed out ${count('timeout')}`,
    `wrong ${count('server-error', 'wrong')}`,
  ].join(' · ');
  const rows: readonly (readonly [string, string])[] = [
    ['requests sent', number(tally.sent)],
    ['answered', `${number(tally.outcomes.ok)}, by ${Object.keys(tally.workers).length} processes`],
    ...(inside > 0 ? [['in the killed worker', number(inside)] as const] : []),
    ['slowest answer', `${Math.round(tally.latency.max)} ms`],
    ['lost', `${styleText([lostOnes === 0 ? 'green' : 'red', 'bold'], number(lostOnes))}  (${kinds})`],
  ];
  for (const [name, value] of rows) console.log(`  ${name.padEnd(22)}${value}`);
  return lostOnes;
};

const show = async (): Promise<number> => {
  say('An ordinary server, on every core');
  skein('start', script, '-i', availableParallelism() > 1 ? 'max' : '2');

  say(`Clients ask it ${number(requestsPerSecond)} times a second, whatever happens from here on`);
  const load: Load = await startLoad({
    port,
    rate: requestsPerSecond,
    mix: { 'keep-alive': 60, 'one-shot': 35, pipelined: 5 },
    postShare: 0,
    maxMs: 120_000,
  });
  await load.answered(requestsPerSecond * 2);

  say('A rolling reload: new workers first, then the old ones drain');
  skein('reload', 'hello');

  const [victim = 0] = workerPids();
  await load.answered(requestsPerSecond);
  say('A worker is killed, as the kernel does it when memory runs out');
  console.log(styleText('cyan', `$ kill -9 ${victim}`));
  const killed = { pid: victim, at: Date.now() };
  process.kill(victim, 'SIGKILL');
  await load.answered(requestsPerSecond * 2);
  skein('list');

  say('What became of the requests, as the clients saw it');
  return report(await load.stop(), killed);
};

const cleanUp = (): void => {
  spawnSync(process.execPath, [bin, 'kill'], { env, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
};

process.once('SIGINT', () => {
  cleanUp();
  process.exit(130);
});
try {
  process.exitCode = (await show()) === 0 ? 0 : 1;
} finally {
  cleanUp();
}
