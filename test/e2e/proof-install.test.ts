/** Starting, finding and ending an installation. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import { isAlive, parentOf, processesWith } from '../support/processes.ts';
import { fixture, withSkein } from '../support/skein.ts';
import type { Skein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const start = async (skein: Skein, name: string): Promise<number> => {
  const port = await freePort();
  await skein.ok(['start', fixture('http.js'), '-n', name], { env: { PORT: String(port) } });
  return port;
};

/** Every process of the installation, killed at once. */
const killEverything = async (skein: Skein): Promise<void> => {
  const all = processesWith(skein.home.dir);
  for (const { pid } of all) process.kill(pid, 'SIGKILL');
  await until('all have ended', () => all.every(({ pid }) => !isAlive(pid)));
};

test(
  'two CLIs that start the first app at the same moment end up with one holder',
  { timeout: 60_000 },
  async () => {
    for (let round = 0; round < 3; round += 1) {
      await withSkein(async (skein) => {
        const [one, two] = await Promise.all([start(skein, 'one'), start(skein, 'two')]);
        assert.deepEqual((await skein.list()).map((app) => app.name).toSorted(), ['one', 'two']);
        assert.equal((await get(one)).body, 'hello\n');
        assert.equal((await get(two)).body, 'hello\n');
        const { holder } = await skein.ping();
        assert.ok(holder);
        const supervisors = processesWith(skein.home.dir).filter(({ pid }) => parentOf(pid) === holder.pid);
        assert.equal(supervisors.length, 3, JSON.stringify(supervisors));
        assert.equal(processesWith(skein.home.dir).length, 4, 'holder, supervisor, two workers');
      });
    }
  },
);

test('sockets are 0600 in a 0700 directory', { timeout: 60_000 }, async () => {
  await withSkein(async (skein) => {
    await start(skein, 'app');
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    assert.equal(mode(skein.home.dir), '700');
    assert.equal(mode(skein.home.controlSocket), '600');
    assert.equal(mode(skein.home.workerSocket), '600');
  });
});

test('stale sockets and a stale pid file are cleaned up', { timeout: 60_000 }, async () => {
  await withSkein(async (skein) => {
    await start(skein, 'app');
    await killEverything(skein);
    assert.ok(existsSync(skein.home.controlSocket), 'the socket file is stale');
    assert.equal((await skein.run(['list'])).code, 5);
    const port = await start(skein, 'again');
    assert.equal((await get(port)).body, 'hello\n');
    assert.ok((await skein.list()).some((app) => app.name === 'again'));
  });
});

test('a stale pid file that names a living foreign process does no harm', { timeout: 60_000 }, async () => {
  await withSkein(async (skein) => {
    await start(skein, 'app');
    await killEverything(skein);
    writeFileSync(skein.home.holderPid, JSON.stringify({ pid: process.pid }));
    const port = await start(skein, 'again');
    assert.equal((await get(port)).body, 'hello\n');
    assert.notEqual((await skein.ping()).holder?.pid, process.pid);
  });
});

test(
  'a living holder is never stolen, even when its files are gone or its supervisor is',
  { timeout: 60_000 },
  async () => {
    await withSkein(async (skein) => {
      await start(skein, 'one');
      const before = await skein.ping();
      process.kill(before.supervisor.pid, 'SIGKILL');
      await start(skein, 'two');
      const after = await skein.ping();
      assert.equal(after.holder?.pid, before.holder?.pid);
      assert.deepEqual((await skein.list()).map((app) => app.name).toSorted(), ['one', 'two']);
    });
  },
);

test('two homes are two installations', { timeout: 60_000 }, async () => {
  await withSkein(async (one) => {
    await withSkein(async (two) => {
      await start(one, 'app');
      await start(two, 'app');
      assert.notEqual((await one.ping()).holder?.pid, (await two.ping()).holder?.pid);
      await two.ok(['kill']);
      assert.equal((await one.settled('app')).state, 'running');
    });
  });
});

test(
  'the background processes have a session of their own and no terminal',
  { timeout: 60_000 },
  async () => {
    await withSkein(async (skein) => {
      await start(skein, 'app');
      const { holder } = await skein.ping();
      assert.ok(holder);
      assert.equal(parentOf(holder.pid), 1);
    });
  },
);

test('kill ends everything in order, and leaves nothing to connect to', { timeout: 60_000 }, async () => {
  await withSkein(async (skein) => {
    const port = await start(skein, 'app');
    await skein.ok(['kill']);
    assert.deepEqual(processesWith(skein.home.dir), []);
    await assert.rejects(get(port), { code: 'ECONNREFUSED' });
    assert.equal((await skein.run(['list'])).code, 5);
  });
});
