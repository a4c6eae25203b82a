/** Workers that are stuck or grow do not hold up the others. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { get } from '../support/http.ts';
import type { Answer } from '../support/http.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

for (const accept of ['per-worker', 'shared'] as const) {
  test(`the queue of a blocked worker is served by its sibling (${accept})`, { timeout: 60_000 }, () =>
    withSkein(async (skein) => {
      const port = await freePort();
      await skein.ok(['start', fixture('blocks-loop.js'), '-n', 'app', '-i', '2', '--accept', accept], {
        env: { PORT: String(port) },
      });
      for (let round = 0; round < 2; round += 1) {
        let begun = (): void => {};
        const blocked = new Promise<void>((resolve) => (begun = resolve));
        const block = get(port, '/block?ms=2000', { onHead: begun });
        await blocked;
        const answers: Promise<Answer>[] = [];
        for (let n = 0; n < 60; n += 1) {
          answers.push(get(port));
          await delay(10);
        }
        const slowest = Math.max(...(await Promise.all(answers)).map((answer) => answer.ms));
        assert.ok(slowest < 700, `somebody waited ${slowest} ms behind a blocked worker`);
        await block;
      }
      const workers = new Set<unknown>();
      // When the block is over the worker takes requests again.
      await until(
        'both workers answer',
        async () => workers.add((await get(port)).headers['x-worker']).size === 2,
      );
    }),
  );
}

test('a hanging worker is replaced, and the stack it hung in is told', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    await skein.ok(['start', fixture('hangs.js'), '-n', 'app', '-i', '2', '--hang-timeout', '1s'], {
      env: { PORT: String(port) },
    });
    const before = await skein.pids('app');
    const hung = get(port, '/hang').then(
      () => 'answered',
      () => 'closed',
    );
    const event = await skein.event('worker-hung', ({ text }) => text.includes('neverReturns'));
    assert.match(event.text, /hangs\.js:5/);
    assert.ok(event.pid !== null && before.includes(event.pid));
    assert.equal(await hung, 'closed');
    await until('the slot is refilled', async () => {
      const pids = await skein.pids('app');
      return pids.length === 2 && !pids.includes(event.pid ?? 0);
    });
    for (let n = 0; n < 10; n += 1) assert.equal((await get(port)).body, 'hello\n');
  }),
);

test('a worker over its memory limit is replaced, new first', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'leaks-memory.js',
    instances: 2,
    flags: ['--max-memory', '200M'],
    load: { rate: 200 },
    async act({ skein, app, port }) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let leaking = '';
      for (let n = 0; n < 14; n += 1)
        leaking = String((await get(port, '/leak', { agent })).headers['x-worker']);
      const event = await skein.event('worker-over-memory');
      assert.equal(String(event.pid), leaking);
      await until('it is replaced', async () => {
        const pids = await skein.pids(app);
        return pids.length === 2 && !pids.includes(Number(leaking));
      });
      agent.destroy();
      await skein.settled(app);
    },
  });
});
