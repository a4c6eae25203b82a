/** Scaling up and down loses no request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';

for (const script of ['http.js', 'express.js', 'fastify.js', 'koa.js']) {
  test(`scale 8 → 2 → 8: ${script}`, { timeout: 90_000 }, async () => {
    const tally = await noRequestLost({
      script,
      instances: 8,
      load: { rate: 300, seed: 6 },
      async act({ skein, app, load }) {
        const before = await skein.pids(app);
        assert.equal(before.length, 8);
        await skein.ok(['scale', app, '2']);
        const two = await skein.settled(app);
        assert.equal(two.workers.length, 2);
        assert.ok(two.workers.every((worker) => worker.pid !== null && before.includes(worker.pid)));
        await load.answered(100);
        await skein.ok(['scale', app, '8']);
        assert.equal((await skein.settled(app)).workers.length, 8);
      },
    });
    assert.ok(Object.keys(tally.workers).length > 8, 'new workers took requests');
  });
}

test('shared: scale 8 → 2 → 8', { timeout: 90_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 8,
    accept: 'shared',
    load: { rate: 300 },
    async act({ skein, app }) {
      await skein.ok(['scale', app, '2']);
      await skein.ok(['scale', app, '8']);
    },
  });
});

test('+2 and -1 count from what runs', { timeout: 60_000 }, async () => {
  await noRequestLost({
    script: 'http.js',
    instances: 1,
    async act({ skein, app }) {
      await skein.ok(['scale', app, '+2']);
      assert.equal((await skein.settled(app)).instances, 3);
      await skein.ok(['scale', app, '-1']);
      assert.equal((await skein.settled(app)).instances, 2);
    },
  });
});
