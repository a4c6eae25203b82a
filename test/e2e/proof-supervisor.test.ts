/** The supervisor may be killed at any moment: its workers do not notice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachFramework } from '../support/frameworks.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { isAlive } from '../support/processes.ts';
import type { Skein } from '../support/skein.ts';
import { withSkein, fixture } from '../support/skein.ts';
import { freePort } from '../support/ports.ts';
import { slowBoot } from '../support/slow-boot.ts';
import { until } from '../support/wait.ts';

/** Kills the supervisor and waits for the next one. Gives the milliseconds that took. */
const killSupervisor = async (skein: Skein): Promise<number> => {
  const before = await skein.ping();
  const begun = performance.now();
  process.kill(before.supervisor.pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return (
      now !== null && now.supervisor.pid !== before.supervisor.pid && now.holder?.pid === before.holder?.pid
    );
  });
  return performance.now() - begun;
};

forEachFramework('SIGKILL of the supervisor under load', 60_000, async ({ script, accept }) => {
  await noRequestLost({
    script,
    accept,
    load: { rate: 150, seed: 4 },
    async act({ skein, app, load }) {
      const before = await skein.app(app);
      await killSupervisor(skein);
      await load.answered(100);
      const after = await skein.settled(app);
      assert.deepEqual(
        after.workers.map(({ pid, generation }) => ({ pid, generation })),
        before.workers.map(({ pid, generation }) => ({ pid, generation })),
      );
    },
  });
});

for (const moment of ['starting', 'draining'] as const) {
  const name = `SIGKILL of the supervisor during a rollout, a worker ${moment}`;
  forEachFramework(name, 60_000, async ({ script, accept }) => {
    const boot = slowBoot(300);
    await noRequestLost({
      script,
      accept,
      ...boot.options,
      load: { rate: 120, seed: 5 },
      async act({ skein, app }) {
        const before = await skein.app(app);
        const cli = skein.begin(['reload', app]);
        await until(`a worker is ${moment}`, async () =>
          (await skein.app(app)).workers.some((worker) => worker.state === moment),
        );
        await killSupervisor(skein);
        const { code, stderr } = await cli.finished;
        const after = await skein.settled(app, 30_000);
        const generations = new Set(after.workers.map((worker) => worker.generation));
        assert.equal(generations.size, 1, 'finished or abandoned, never a mixture');
        if (code === 0) assert.ok(generations.has(before.generation + 1));
        else assert.match(stderr, /skein: /);
      },
    });
    boot.remove();
  });
}

test('the next supervisor is there within a second', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('http.js'), '-n', 'app', '-i', '2'], {
      env: { PORT: String(await freePort()) },
    });
    const ms = await killSupervisor(skein);
    assert.ok(ms < 1_000, `${ms} ms`);
  }),
);

test('a supervisor that is killed again and again', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 2,
    load: { rate: 300 },
    async act({ skein, app }) {
      const before = await skein.pids(app);
      for (let n = 0; n < 5; n += 1) await killSupervisor(skein);
      await skein.settled(app);
      assert.deepEqual(await skein.pids(app), before);
    },
  });
});

test(
  'a worker that dies while there is no supervisor is replaced by the next one',
  { timeout: 60_000 },
  async () => {
    await withSkein(async (skein) => {
      const port = await freePort();
      await skein.ok(['start', fixture('http.js'), '-n', 'app', '-i', '2'], { env: { PORT: String(port) } });
      const [victim, other] = await skein.pids('app');
      assert.ok(victim && other);
      const { supervisor } = await skein.ping();
      process.kill(supervisor.pid, 'SIGKILL');
      process.kill(victim, 'SIGKILL');
      const settled = await until('the worker is replaced', async () => {
        const app = await skein.app('app').catch(() => null);
        return (
          app !== null &&
          app.workers.filter((worker) => worker.state === 'ready' && worker.pid !== victim).length === 2 &&
          app
        );
      });
      assert.ok(settled.workers.some((worker) => worker.pid === other));
      assert.ok(isAlive(other));
    });
  },
);

test('a supervisor that hangs keeps nobody from ending everything', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('http.js'), '-n', 'app'], { env: { PORT: String(await freePort()) } });
    const { supervisor } = await skein.ping();
    process.kill(supervisor.pid, 'SIGSTOP');
    const { stderr } = await skein.ok(['kill'], { limitMs: 40_000 });
    assert.match(stderr, /did not answer and was killed/);
  }),
);
