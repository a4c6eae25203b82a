/** A worker that is killed takes with it what was in flight inside it, and nothing else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { Loss } from '../support/load/profile.ts';
import { acceptedFrom } from '../support/processes.ts';

/** Kills the workers and gives the client ports of the connections they had accepted. Stopped
 *  first: between the look and the kill they take no other. */
const killWorkers = (pids: readonly number[], port: number): ReadonlySet<number> => {
  const ports = new Set<number>();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  for (const pid of pids) for (const client of acceptedFrom(pid, port)) ports.add(client);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return ports;
};

const wasInside =
  (ports: ReadonlySet<number>) =>
  (loss: Loss): boolean =>
    (loss.outcome === 'reset' || loss.outcome === 'truncated') &&
    loss.localPort !== null &&
    ports.has(loss.localPort);

for (const script of ['http.js', 'express.js', 'fastify.js', 'koa.js']) {
  for (const accept of ['per-worker', 'shared'] as const) {
    test(`SIGKILL of a worker: ${script}, ${accept}`, { timeout: 60_000 }, async () => {
      let inside: ReadonlySet<number> = new Set();
      const tally = await noRequestLost({
        script,
        accept,
        load: { rate: 400, seed: 3 },
        async act({ skein, app, port, load }) {
          const [victim] = await skein.pids(app);
          assert.ok(victim);
          inside = killWorkers([victim], port);
          assert.ok(inside.size > 0, 'the victim had connections');
          await load.answered(200);
          const settled = await skein.settled(app);
          assert.equal(settled.workers.filter((worker) => worker.restarts === 1).length, 1);
          assert.ok(settled.workers.every((worker) => worker.pid !== victim));
        },
        permits: (loss) => wasInside(inside)(loss),
      });
      assert.equal(tally.outcomes.timeout, 0, 'none hung');
    });
  }
}

for (const accept of ['per-worker', 'shared'] as const) {
  test(`no worker alive for 3 s: delayed, not refused (${accept})`, { timeout: 60_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'skein-boot-'));
    const bootFile = join(dir, 'boot-ms');
    writeFileSync(bootFile, '0');
    let inside: ReadonlySet<number> = new Set();
    const tally = await noRequestLost({
      script: 'boots-late.js',
      accept,
      instances: 2,
      env: { BOOT_MS_FILE: bootFile },
      load: { rate: 60, thinkMs: 10 },
      async act({ skein, app, port }) {
        writeFileSync(bootFile, '3000');
        inside = killWorkers(await skein.pids(app), port);
        await skein.settled(app);
      },
      permits: (loss) => wasInside(inside)(loss),
    });
    rmSync(dir, { recursive: true });
    assert.equal(tally.outcomes.refused, 0);
    assert.equal(tally.outcomes.timeout, 0);
    assert.ok(tally.latency.max > 2_500, `somebody waited: ${tally.latency.max} ms`);
  });
}

test('SIGKILL of the holder: workers keep serving, the supervisor says so', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 2,
    async act({ skein, app, load }) {
      const before = await skein.pids(app);
      const { holder } = await skein.ping();
      assert.ok(holder);
      process.kill(holder.pid, 'SIGKILL');
      await skein.event('holder-gone');
      await load.answered(200);
      assert.deepEqual(await skein.pids(app), before);
      assert.equal((await skein.ping()).holder, null);
    },
  });
});
