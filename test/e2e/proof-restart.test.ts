/** What ends, and what is started again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, getJson } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import { isAlive, processesWith } from '../support/processes.ts';
import { fixture, withSkein } from '../support/skein.ts';
import type { Skein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const start = async (skein: Skein, script: string, ...flags: string[]): Promise<number> => {
  const port = await freePort();
  await skein.ok(['start', fixture(script), '-n', 'app', ...flags], { env: { PORT: String(port) } });
  return port;
};

test(
  'an app that crashes at start on every worker: start fails with its output, and all is quiet',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const { code, stderr, ms } = await skein.run([
        'start',
        fixture('crashes-at-start.js'),
        '-n',
        'app',
        '-i',
        '4',
      ]);
      assert.equal(code, 4);
      assert.match(stderr, /about to read the configuration/);
      assert.match(stderr, /no configuration file/);
      assert.ok(ms < 10_000);
      // `failed` is a rest: that nothing is started from it is shown in decide.test.ts.
      assert.equal((await skein.app('app')).state, 'failed');
      assert.deepEqual(processesWith('crashes-at-start.js'), []);
    }),
);

test(
  'an app that never becomes ready: start fails after --ready-timeout and says what it waited for',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const { code, stderr } = await skein.run([
        'start',
        fixture('never-ready.js'),
        '-n',
        'app',
        '-i',
        '2',
        '--ready-timeout',
        '1s',
      ]);
      assert.equal(code, 4);
      assert.match(stderr, /not ready within 1/);
      assert.match(stderr, /waiting for a database that is not there/);
      assert.deepEqual(processesWith('never-ready.js'), []);
    }),
);

test('a crash loop backs off: there is never a loop without delay', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await start(skein, 'crash-loop.js');
    await until(
      'it crashed several times',
      async () => (await skein.app('app')).workers.some((worker) => worker.restarts >= 6),
      20_000,
    );
    const crashes = (await skein.events()).filter(({ kind }) => kind === 'worker-crashed');
    const gaps = crashes.slice(1).map((event, index) => event.at - (crashes[index]?.at ?? 0));
    // It lives for 200 ms; the pauses are 0, then at least half of 100, 200, 400, 800 ms.
    for (const [index, pause] of [0, 50, 100, 200, 400].entries()) {
      assert.ok((gaps[index] ?? 0) >= 200 + pause, `pauses grow: ${gaps.join(' ')}`);
    }
    await skein.ok(['stop', 'app']);
    assert.equal((await skein.app('app')).state, 'stopped');
  }),
);

test('--max-restarts gives up', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await start(skein, 'crash-loop.js', '--max-restarts', '2');
    await until('it has given up', async () => (await skein.app('app')).state === 'failed', 20_000);
    assert.deepEqual(processesWith('crash-loop.js'), []);
  }),
);

test('--stop-exit-codes and --no-autorestart: a wanted end stays one', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(
      ['start', fixture('job.js'), '-n', 'app', '--ready', 'started', '--stop-exit-codes', '3'],
      { env: { EXIT_CODE: '3', JOB_MS: '1500' } },
    );
    await skein.ok(['start', fixture('job.js'), '-n', 'once', '--ready', 'started', '--no-autorestart'], {
      env: { EXIT_CODE: '1', JOB_MS: '1500' },
    });
    await until('both have come to rest', async () =>
      (await skein.list()).every(({ state }) => state === 'stopped'),
    );
    for (const app of await skein.list())
      assert.ok(app.workers.every((worker) => worker.pid === null && worker.restarts === 0));
  }),
);

for (const [path, how] of [
  ['/crash', /crashed on request/],
  ['/reject', /nobody caught this/],
  ['/exit?code=9', /9/],
] as const) {
  test(`a worker that ends by ${path} is refilled, and the log says why`, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const port = await start(skein, 'crashes-on-request.js', '-i', '2');
      await get(port, path).catch(() => null);
      const crashed = await skein.event('worker-crashed');
      const settled = await skein.settled('app');
      assert.equal(
        settled.workers.reduce((sum, worker) => sum + worker.restarts, 0),
        1,
      );
      const logs = await skein.ok(['logs', 'app', '--lines', '100']);
      assert.match(`${logs.stdout}${logs.stderr}${crashed.text}`, how);
    }),
  );
}

test('stop: the app cleans up on its signal', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await start(skein, 'handles-sigterm.js', '-i', '2');
    await skein.ok(['stop', 'app']);
    const { stdout } = await skein.ok(['logs', 'app', '--lines', '100', '--json']);
    assert.equal(stdout.match(/cleaning up/g)?.length, 2);
    assert.equal(stdout.match(/cleaned up/g)?.length, 2);
    assert.equal((await skein.app('app')).state, 'stopped');
    await skein.ok(['start', 'app']);
    await skein.settled('app');
  }),
);

test('stop: an app that ignores SIGTERM is killed at --kill-timeout', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await start(skein, 'ignores-sigterm.js', '--kill-timeout', '1s');
    const { ms } = await skein.ok(['stop', 'app']);
    assert.ok(ms > 900 && ms < 6_000, `${ms} ms`);
    assert.deepEqual(processesWith('ignores-sigterm.js'), []);
  }),
);

for (const verb of ['stop', 'restart', 'reload', 'delete'] as const) {
  test(`grandchildren do not survive: ${verb}`, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const port = await start(skein, 'spawns-grandchild.js');
      const { child } = await getJson<{ child: number }>(port);
      assert.ok(isAlive(child));
      await skein.ok([verb, 'app']);
      await until('the grandchild has ended', () => !isAlive(child), 2_000);
    }),
  );
}

test('a crash takes the grandchildren of that worker along', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await start(skein, 'spawns-grandchild.js');
    const { child, worker } = await getJson<{ child: number; worker: number }>(port);
    process.kill(worker, 'SIGKILL');
    await until('the grandchild has ended', () => !isAlive(child), 5_000);
    await skein.settled('app');
  }),
);

test('signal sends to the workers', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await start(skein, 'ignores-sigterm.js', '-i', '2', '--kill-timeout', '500ms');
    await skein.ok(['signal', 'SIGTERM', 'app']);
    await until('both have said so', async () => {
      const { stdout } = await skein.ok(['logs', 'app', '--lines', '100', '--json']);
      return stdout.match(/SIGTERM ignored/g)?.length === 2;
    });
  }),
);
