/** Once per cluster: one call per interval, one leader, and another within 2 s. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { getJson } from '../support/http.ts';
import { flood } from '../support/load/flood.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

interface Line {
  readonly kind: 'call' | 'warm' | 'run' | 'refused';
  /** Milliseconds on a clock that all processes share. */
  readonly at: number;
  readonly pid: number;
  readonly generation: number;
  readonly token: number;
  readonly tick: number;
}

interface Who {
  readonly pid: number;
  readonly leader: boolean;
  readonly warm: { readonly by: number };
}

interface Around {
  readonly skein: Skein;
  readonly port: number;
  lines(kind: Line['kind']): readonly Line[];
}

/** Workers of once-per-cluster.mjs. */
const withWorkers = (instances: number, use: (around: Around) => Promise<void>): Promise<void> =>
  withSkein(async (skein) => {
    const dir = mkdtempSync(join(tmpdir(), 'skein-once-'));
    const file = join(dir, 'lines');
    writeFileSync(file, '');
    const port = await freePort();
    const env = { PORT: String(port), LINES: file, EVERY: '1s' };
    // Who asks for a certain worker with one connection after the other must not get the idlest each time.
    const args = ['-n', 'app', '-i', String(instances), '--accept', 'per-worker'];
    await skein.ok(['start', fixture('once-per-cluster.mjs'), ...args], { env });
    await use({
      skein,
      port,
      lines: (kind) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((text) => JSON.parse(text) as Line)
          .filter((line) => line.kind === kind),
    });
    rmSync(dir, { recursive: true });
  });

const gaps = (lines: readonly Line[]): readonly number[] =>
  lines.slice(1).map(({ at }, index) => Math.round(at - (lines[index]?.at ?? 0)));

/** One call a turn: however late a busy machine makes one of them, no turn has two or none. */
const oneCallPerSecond = (calls: readonly Line[]): void => {
  const between = gaps(calls);
  assert.ok(
    between.every((gap) => gap > 500 && gap < 1_900),
    `milliseconds between calls: ${between.join(', ')}`,
  );
  const whole = between.reduce((sum, gap) => sum + gap, 0);
  assert.equal(Math.round(whole / 1_000), between.length, `calls in ${whole} ms`);
};

test(
  '8 workers, 10,000 requests/s, a rollout: one call per interval',
  { timeout: 60_000 },
  (t: TestContext) =>
    withWorkers(8, async ({ skein, port, lines }) => {
      const load = flood(port, 12_000);
      try {
        const begun = lines('call').length;
        await until('requests are answered', () => load.answered > 0);
        const [answered, since] = [load.answered, performance.now()];
        await until('three intervals', () => lines('call').length >= begun + 3);
        const rate = Math.round(((load.answered - answered) * 1_000) / (performance.now() - since));
        t.diagnostic(`${rate} requests/s answered, ${lines('call').length - begun} calls`);
        assert.ok(rate >= 10_000, `${rate} requests/s`);

        await skein.ok(['reload', 'app', '--parallel', '4']);
        const reloaded = lines('call').length;
        await until('the new workers make it', () => lines('call').length >= reloaded + 2);
        assert.equal(lines('call').at(-1)?.generation, 2);
        oneCallPerSecond(lines('call'));
        assert.equal(load.failed, 0);
      } finally {
        load.stop();
      }
      // Done once for each generation, and known to one that comes later.
      const [victim] = await skein.pids('app');
      assert.ok(victim !== undefined);
      process.kill(victim, 'SIGKILL');
      await skein.event('worker-crashed', ({ pid }) => pid === victim);
      await skein.settled('app');
      const warmed = lines('warm');
      assert.deepEqual(
        warmed.map(({ generation }) => generation),
        [1, 2],
      );
      assert.equal((await getJson<Who>(port, '/who')).warm.by, warmed[1]?.pid);
    }),
);

test(
  'a leader that is killed, or blocked, is followed within 2 s, and refused',
  { timeout: 60_000 },
  (t: TestContext) =>
    withWorkers(3, async ({ skein, port, lines }) => {
      const last = async (): Promise<Line> => until('a run', () => lines('run').at(-1));
      const follower = async (leader: Line): Promise<Line> =>
        until('another runs the job', () =>
          lines('run').find(({ pid, at }) => at > leader.at && pid !== leader.pid),
        );

      for (let nth = 0; nth < 2; nth += 1) {
        const leader = await last();
        const killed = Number(process.hrtime.bigint()) / 1e6;
        process.kill(leader.pid, 'SIGKILL');
        const next = await follower(leader);
        t.diagnostic(`run by another ${Math.round(next.at - killed)} ms after the kill`);
        assert.ok(next.at - killed < 2_000);
        assert.ok(next.token > leader.token);
        await skein.settled('app');
      }

      const blocked = await until('the leader is told to block', async () => {
        // Only the leader does, and says so; the others take other connections.
        const leader = await last();
        return (await getJson<number>(port, '/block?ms=3000')) > 0 && leader;
      });
      const next = await follower(blocked);
      const before = lines('run').findLast(({ pid }) => pid === blocked.pid);
      assert.ok(before !== undefined && next.at - before.at < 2_000);
      const refused = await until('what it writes is refused', () => lines('refused')[0]);
      assert.equal(refused.pid, blocked.pid);
      assert.ok(refused.token < next.token && refused.at - before.at >= 3_000);

      const runs = lines('run');
      assert.equal(new Set(runs.map(({ tick }) => tick)).size, runs.length, 'no time was run twice');
      assert.ok(
        runs.every(({ token }, index) => index === 0 || token >= (runs[index - 1]?.token ?? 0)),
        'tokens only grow',
      );
      const leaders = new Set(runs.map(({ token }) => token));
      assert.ok(leaders.size >= 4, `${leaders.size} terms`);
    }),
);
