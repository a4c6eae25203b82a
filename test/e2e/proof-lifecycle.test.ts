/** An app that uses `ready`, `onShutdown`, `health` and `worker`, in a real cluster. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-lifecycle-'));
after(() => rmSync(dir, { recursive: true }));

const files = (name: string) => {
  const env = { LINES: join(dir, `${name}.lines`), DATABASE: join(dir, `${name}.database`) };
  writeFileSync(env.LINES, '');
  writeFileSync(env.DATABASE, 'well');
  return {
    env,
    databaseIs: (state: string) => writeFileSync(env.DATABASE, state),
    lines: () => readFileSync(env.LINES, 'utf8').split('\n').slice(0, -1),
  };
};

/** What each worker that has ended in order leaves behind. */
const endOf = (pids: readonly number[]): string[] =>
  pids.flatMap((pid) => [`draining ${pid}`, `closed ${pid}`]).sort();

test('a failing check is shown, stops a rollout and harms nobody who serves; hooks run at every end', async () => {
  const { env, databaseIs, lines } = files('all');
  await noRequestLost({
    script: 'lifecycle.mjs',
    instances: 2,
    env,
    load: { rate: 150, seed: 4 },
    async act({ skein, app, load, port }) {
      const first = await skein.pids(app);
      databaseIs('connection refused');
      for (const slot of [0, 1])
        assert.match(
          (await skein.event('worker-unhealthy', (event) => event.slot === slot)).text,
          /^worker \d is unhealthy: database: connection refused$/,
        );
      assert.match((await skein.ok(['list'])).stdout, /running, unhealthy.*\n(.*ready, unhealthy.*\n){2}/);
      assert.match(
        (await skein.ok(['describe', app])).stdout,
        /health +database: worker 0: connection refused, worker 1/,
      );
      await load.answered(50);

      const refused = await skein.run(['reload', app, '--ready-timeout', '1s']);
      assert.equal(refused.code, 4, JSON.stringify(refused));
      assert.match(
        refused.stderr,
        /not ready within 1 s: its health check failed \(database: connection refused\)/,
      );
      assert.deepEqual(
        (await skein.settled(app)).workers.map(({ pid }) => pid),
        first,
      );

      databaseIs('well');
      await skein.event('worker-healthy', (event) => event.slot === 1);
      const ended = lines().length;
      await skein.ok(['reload', app]);
      const second = await skein.pids(app);
      assert.deepEqual(lines().slice(ended).sort(), endOf(first));

      // Another supervisor is none of a worker's business, and knows what the first one knew.
      const { supervisor } = await skein.ping();
      process.kill(supervisor.pid, 'SIGKILL');
      await until('another supervisor', async () => {
        const now = await skein.ping().catch(() => null);
        return now !== null && now.supervisor.pid !== supervisor.pid;
      });
      const known = await skein.settled(app);
      assert.deepEqual(
        known.workers.map(({ health }) => health?.status),
        ['healthy', 'healthy'],
      );
      assert.equal(lines().length, ended + 4);

      await skein.ok(['scale', app, '1']);
      assert.deepEqual(
        lines()
          .slice(ended + 4)
          .sort(),
        endOf(second.slice(1)),
      );
      const who = (await (await fetch(`http://127.0.0.1:${port}/who`)).json()) as { count: number };
      assert.equal(who.count, 1, 'it knows how many there are to be');
    },
  });
});

test('hooks run when an app is restarted, deleted, and when everything ends; one that hangs is cut', async () => {
  const { env, lines } = files('ends');
  await withSkein(async (skein) => {
    const start = async (name: string, ...flags: string[]): Promise<readonly number[]> => {
      const PORT = String(await freePort());
      await skein.ok(['start', fixture('lifecycle.mjs'), '-n', name, ...flags], { env: { ...env, PORT } });
      return skein.pids(name);
    };
    const first = await start('shop');
    await skein.ok(['restart', 'shop']);
    const second = await skein.pids('shop');
    await skein.ok(['delete', 'shop']);
    const interrupted = await start('interrupted', '--stop-signal', 'SIGINT');
    await skein.ok(['stop', 'interrupted']);
    assert.match(
      (await skein.event('worker-exited', ({ app }) => app === 'interrupted')).text,
      /with signal SIGINT$/,
    );
    const told = await start('told', '--stop-signal', 'message');
    await skein.ok(['stop', 'told']);
    await start('hangs', '--env', 'HOOK=hangs', '--kill-timeout', '300ms');
    await skein.ok(['stop', 'hangs']);
    assert.match(
      (await skein.event('worker-exited', ({ app }) => app === 'hangs')).text,
      /with signal SIGKILL: its shutdown hooks were not done within 300 ms$/,
    );
    const last = await start('last');
    await skein.ok(['kill']);
    const all = [first, second, interrupted, told, last].flat();
    assert.deepEqual(
      lines()
        .filter((line) => all.includes(Number(line.split(' ').at(-1))))
        .sort(),
      endOf(all),
    );
  });
});
