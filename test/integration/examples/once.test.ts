/** The examples of docs/once.md, alone and on workers of Skein. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { RunningExample } from '../../support/example.ts';
import { withExample, withExampleOnSkein } from '../../support/example.ts';
import { until } from '../../support/wait.ts';

interface Rates {
  readonly calls: number;
  readonly by: number;
  readonly ageMs: number;
  readonly failing: string | null;
}

interface About {
  readonly pid: number;
  readonly leader: boolean;
  readonly tables: { readonly by: number };
  readonly report: { readonly runs: number; readonly token: number; readonly by: number } | null;
}

const ratesOf = async ({ get }: RunningExample): Promise<Rates> => (await get('/')).body as Rates;
const aboutOf = async ({ get }: RunningExample): Promise<About> => (await get('/about')).body as About;

/** As many calls as seconds have passed, whoever asks how often. */
const isCalledOncePerSecond = async (example: RunningExample): Promise<void> => {
  const first = await ratesOf(example);
  const since = performance.now() - first.ageMs;
  const last = await until('two more calls', async () => {
    const [one] = await Promise.all(Array.from({ length: 10 }, () => ratesOf(example)));
    return one !== undefined && one.calls >= first.calls + 2 && one;
  });
  const seconds = (performance.now() - since - last.ageMs) / 1_000;
  assert.equal(last.calls - first.calls, Math.round(seconds));
  assert.equal(last.failing, null);
  await until('the report has run', async () => ((await aboutOf(example)).report?.runs ?? 0) >= 2);
};

suite('once per cluster', { concurrency: true }, () => {
  for (const framework of ['express', 'fastify']) {
    const file = `once/${framework}.ts`;

    test(`${framework} alone: this process does it all`, async () => {
      await withExample(file, { SKEIN_STATE: '' }, [framework], async (example) => {
        await isCalledOncePerSecond(example);
        const { pid, leader, tables } = await aboutOf(example);
        assert.ok(leader);
        assert.equal(tables.by, pid);
      });
    });

    test(`${framework} on three workers: one of them does it`, async () => {
      await withExampleOnSkein(file, 3, [framework], async (example) => {
        await isCalledOncePerSecond(example);
        const before = await aboutOf(example);
        const { by: leader, token } = before.report ?? assert.fail('no report');
        process.kill(leader, 'SIGKILL');
        const next = await until('another reports', async () => {
          // The connection may be of the one that was killed.
          const about = await aboutOf(example).catch(() => null);
          return about !== null && about.report?.by !== leader && about;
        });
        assert.ok((next.report?.token ?? 0) > token);
        assert.deepEqual(next.tables, before.tables, 'made once, also for the worker that came later');
      });
    });
  }
});
