/** Rolling reloads lose no request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachFramework } from '../support/frameworks.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { until } from '../support/wait.ts';
import type { Scene } from '../support/no-request-lost.ts';
import { slowBoot } from '../support/slow-boot.ts';

const reload = async ({ skein, app }: Scene, ...flags: string[]): Promise<void> => {
  const before = await skein.app(app);
  const oldPids = new Set(before.workers.map((worker) => worker.pid));
  await skein.ok(['reload', app, ...flags]);
  const after = await skein.app(app);
  assert.equal(after.state, 'running');
  assert.equal(after.generation, before.generation + 1);
  assert.equal(after.workers.length, before.instances);
  const ended = (await skein.events()).findLast((event) => event.kind === 'operation-ended');
  assert.ok(ended?.report, 'a reload ends in a report');
  assert.ok(ended.report.answered > 0);
  assert.deepEqual([ended.report.reset, ended.report.truncated], [0, 0], 'by its own accounting too');
  for (const worker of after.workers) {
    assert.equal(worker.state, 'ready');
    assert.equal(worker.generation, after.generation);
    assert.ok(!oldPids.has(worker.pid), 'each worker is a new process');
  }
};

forEachFramework('20 reloads in a row', 180_000, async ({ script, accept }) => {
  await noRequestLost({
    script,
    accept,
    instances: 2,
    load: { rate: 60, maxMs: 170_000 },
    async act(scene) {
      for (let n = 0; n < 20; n += 1) await reload(scene);
    },
  });
});

test('several workers replaced at a time', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    load: { rate: 400, seed: 2 },
    async act(scene) {
      await reload(scene);
      await reload(scene, '--parallel', '2');
      await reload(scene, '--parallel', '4');
    },
  });
});

test('reload of a single worker', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 1,
    async act(scene) {
      await reload(scene);
      await reload(scene);
    },
  });
});

test('reload of an https server', { timeout: 60_000 }, async () => {
  await noRequestLost({ script: 'https.js', load: { rate: 200, tls: true }, act: (scene) => reload(scene) });
});

for (const [script, tls] of [
  ['http2.js', false],
  ['http2-tls.js', true],
] as const) {
  test(`HTTP/2 across a reload: ${script}`, { timeout: 60_000 }, async () => {
    const tally = await noRequestLost({
      script,
      load: { rate: 300, tls, mix: { http2: 1 } },
      async act(scene) {
        await reload(scene);
        await reload(scene);
      },
    });
    assert.ok(Object.keys(tally.workers).length > 4, 'sessions went on to new workers');
  });
}

test('a worker that is ready only when it says so takes no request before', { timeout: 60_000 }, async () => {
  for (const [script, ready] of [
    ['sends-ready.js', 'message'],
    ['warms-up.js', '/health'],
  ] as const) {
    await noRequestLost({
      script,
      instances: 2,
      flags: ['--ready', ready],
      load: { rate: 200, postShare: 0, mix: { 'keep-alive': 1, 'one-shot': 1, pipelined: 1 } },
      act: (scene) => reload(scene),
    });
  }
});

forEachFramework('the CLI is killed in the middle of a reload', 60_000, async ({ script, accept }) => {
  const boot = slowBoot(300);
  await noRequestLost({
    script,
    accept,
    ...boot.options,
    load: { rate: 120 },
    async act({ skein, app }) {
      const before = await skein.app(app);
      const cli = skein.begin(['reload', app]);
      await until('the reload is under way', async () => (await skein.app(app)).state === 'reloading');
      cli.child.kill('SIGKILL');
      assert.equal((await cli.finished).signal, 'SIGKILL');
      const workers = await until(
        'the reload completes',
        async () => {
          const now = await skein.app(app);
          return now.generation === before.generation + 1 && now.state === 'running' && now.workers;
        },
        30_000,
      );
      assert.equal(workers.length, 4);
      for (const worker of workers) assert.equal(worker.generation, before.generation + 1);
    },
  });
  boot.remove();
});

test('SIGUSR2 to the supervisor reloads all apps', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 2,
    async act({ skein, app }) {
      const before = await skein.app(app);
      process.kill((await skein.ping()).supervisor.pid, 'SIGUSR2');
      await until(
        'the next generation',
        async () => (await skein.app(app)).generation === before.generation + 1,
      );
      await skein.settled(app);
    },
  });
});

test('restart is stop and start: connections wait meanwhile', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 2,
    // A request on a connection that is used again may cross the end of it: reload is for those.
    load: { rate: 100, mix: { 'one-shot': 3, 'slow-write': 1, 'slow-read': 1 } },
    async act({ skein, app }) {
      const before = await skein.pids(app);
      await skein.ok(['restart', app]);
      const after = await skein.pids(app);
      assert.equal(after.length, 2);
      assert.ok(after.every((pid) => !before.includes(pid)));
    },
  });
});
