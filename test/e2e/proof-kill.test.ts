/** A worker that is killed takes with it what was in flight inside it, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachFramework } from '../support/frameworks.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { Loss } from '../support/load/profile.ts';
import { acceptedFrom } from '../support/processes.ts';
import { slowBoot } from '../support/slow-boot.ts';
import { until } from '../support/wait.ts';

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

forEachFramework('SIGKILL of a worker', 60_000, async ({ script, accept }) => {
  let inside: ReadonlySet<number> = new Set();
  const tally = await noRequestLost({
    script,
    accept,
    load: { rate: 150, seed: 3 },
    async act({ skein, app, port, load }) {
      const [victim] = await skein.pids(app);
      assert.ok(victim);
      inside = killWorkers([victim], port);
      await load.answered(100);
      // The answers may all have been under way when it died.
      await until('its end is known', async () => !(await skein.pids(app)).includes(victim));
      const settled = await skein.settled(app);
      assert.equal(settled.workers.filter((worker) => worker.restarts === 1).length, 1);
      assert.ok(settled.workers.every((worker) => worker.pid !== victim));
    },
    permits: (loss) => wasInside(inside)(loss),
  });
  assert.equal(tally.outcomes.timeout, 0, 'none hung');
});

for (const accept of ['per-worker', 'shared'] as const) {
  test(`SIGKILL of one worker after the other under more load (${accept})`, { timeout: 60_000 }, async () => {
    const inside = new Set<number>();
    await noRequestLost({
      script: 'http.js',
      accept,
      load: { rate: 600, seed: 4 },
      async act({ skein, app, port }) {
        for (const victim of await skein.pids(app)) {
          for (const client of killWorkers([victim], port)) inside.add(client);
          await until('it is replaced', async () => {
            const pids = await skein.pids(app);
            return pids.length === 4 && !pids.includes(victim);
          });
        }
      },
      permits: (loss) => wasInside(inside)(loss),
    });
  });
}

forEachFramework('no worker alive for 3 s: delayed, not refused', 60_000, async ({ script, accept }) => {
  const boot = slowBoot(0);
  let inside: ReadonlySet<number> = new Set();
  const tally = await noRequestLost({
    script,
    accept,
    instances: 2,
    ...boot.options,
    load: { rate: 40, thinkMs: 10 },
    async act({ skein, app, port }) {
      boot.takes(3_000);
      inside = killWorkers(await skein.pids(app), port);
      await skein.settled(app);
    },
    permits: (loss) => wasInside(inside)(loss),
  });
  boot.remove();
  assert.equal(tally.outcomes.refused, 0);
  assert.equal(tally.outcomes.timeout, 0);
  assert.ok(tally.latency.max > 2_500, `somebody waited: ${tally.latency.max} ms`);
});

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
