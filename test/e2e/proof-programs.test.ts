/** Programs that are not Node have everything but the seam. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import { isAlive, processesWith } from '../support/processes.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

test('a python server in two copies: served, restarted, scaled, stopped', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    await skein.ok(['start', fixture('pythonserver.py'), '-n', 'py', '-i', '2'], {
      env: { PORT: String(port) },
    });
    const answer = (at: number): Promise<string> =>
      until(`port ${at} answers`, () =>
        get(at).then(
          ({ body }) => body,
          () => null,
        ),
      );
    const [one, two] = [await answer(port), await answer(port + 1)];
    assert.match(one, /^python \d+\n$/);
    assert.notEqual(one, two);
    const victim = Number(one.split(' ')[1]);
    process.kill(victim, 'SIGKILL');
    await until('another copy answers', async () => (await answer(port)) !== one);
    await skein.ok(['scale', 'py', '3']);
    assert.match(await answer(port + 2), /^python/);
    await skein.ok(['restart', 'py']);
    await skein.ok(['stop', 'py']);
    assert.deepEqual(processesWith('pythonserver.py'), []);
  }),
);

test('a bash script: logs, and its own end on SIGTERM', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh'), '-n', 'sh', '-i', '2']);
    const lines = async (): Promise<string> =>
      (await skein.ok(['logs', 'sh', '--lines', '100', '--json'])).stdout;
    await until('both copies have spoken', async () => {
      const text = await lines();
      return [0, 1].every((slot) => text.includes(`slot ${slot}`));
    });
    const pids = await skein.pids('sh');
    assert.equal(pids.length, 2);
    await skein.ok(['stop', 'sh']);
    assert.ok(pids.every((pid) => !isAlive(pid)));
    assert.equal((await lines()).match(/ended by SIGTERM/g)?.length, 2);
  }),
);

test('a binary from PATH with arguments', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', 'sleep', '-n', 'sleeper', '--', '600']);
    const [pid] = await skein.pids('sleeper');
    assert.ok(pid !== undefined && isAlive(pid));
    await skein.ok(['delete', 'sleeper']);
    assert.ok(!isAlive(pid));
  }),
);
