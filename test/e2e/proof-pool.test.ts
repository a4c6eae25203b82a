/** Threads are lent between workers: never more than there may be, and no task is lost. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import { until } from '../support/wait.ts';

interface Line {
  readonly at: bigint;
  readonly pid: number;
  readonly what: 'asked' | 'refused' | 'begins' | 'ends';
  readonly id: string;
}

const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [at, pid, what, id] = line.split(' ') as [string, string, Line['what'], string];
      return { at: BigInt(at), pid: Number(pid), what, id };
    })
    .sort((a, b) => Number(a.at - b.at));

const ids = (lines: readonly Line[], what: Line['what']): Set<string> =>
  new Set(lines.filter((line) => line.what === what).map(({ id }) => id));

/** The most tasks that ran at the same time, over all processes. */
const mostAtOnce = (lines: readonly Line[]): number => {
  const ended = ids(lines, 'ends');
  let running = 0;
  let most = 0;
  for (const { what, id } of lines) {
    // Those that were killed with their worker have no end.
    if (!ended.has(id)) continue;
    if (what === 'begins') running += 1;
    if (what === 'ends') running -= 1;
    most = Math.max(most, running);
  }
  return most;
};

test(
  'three busy workers on two threads: reload, scaling, a supervisor and a worker killed',
  { timeout: 90_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'skein-pool-'));
    const file = join(dir, 'record');
    const killed: number[] = [];
    const computed = async (pids: readonly number[]): Promise<void> => {
      const from = linesOf(file).length;
      await until(
        'each worker has its turn',
        () => {
          const turns = new Set(
            linesOf(file)
              .slice(from)
              .flatMap(({ what, pid }) => (what === 'ends' ? [pid] : [])),
          );
          return pids.every((pid) => turns.has(pid));
        },
        20_000,
      );
    };
    await noRequestLost({
      script: 'computes.js',
      instances: 3,
      env: { RECORD: file, SKEIN_THREADS: '2' },
      load: { rate: 40 },
      async act({ skein, app }) {
        await computed(await skein.pids(app));
        await skein.ok(['reload', app]);
        const { supervisor } = await skein.ping();
        process.kill(supervisor.pid, 'SIGKILL');
        await until(
          'the next supervisor',
          async () => (await skein.ping()).supervisor.pid !== supervisor.pid,
        );
        await computed(await skein.pids(app));
        await skein.ok(['scale', app, '2']);
        const [first] = await skein.pids(app);
        killed.push(first!);
        process.kill(first!, 'SIGKILL');
        await skein.event('worker-replaced');
        await computed((await skein.settled(app)).workers.map(({ pid }) => pid!));
      },
      // Those of the worker that is killed.
      permits: ({ outcome }) => outcome === 'reset' || outcome === 'truncated',
    });
    const lines = linesOf(file);
    rmSync(dir, { recursive: true });
    assert.equal(mostAtOnce(lines), 2);
    const [ended, refused] = [ids(lines, 'ends'), ids(lines, 'refused')];
    const lost = lines.filter(
      ({ what, id, pid }) => what === 'asked' && !ended.has(id) && !refused.has(id) && !killed.includes(pid),
    );
    assert.deepEqual(lost, [], 'every task that was taken ended');
    assert.ok(ended.size > 50, `${ended.size} tasks`);
  },
);
