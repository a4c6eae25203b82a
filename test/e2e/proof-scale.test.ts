/** Scaling up and down loses no request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachFramework } from '../support/frameworks.ts';
import { noRequestLost } from '../support/no-request-lost.ts';

forEachFramework('scale 8 → 2 → 8', 120_000, async ({ script, accept }) => {
  const tally = await noRequestLost({
    script,
    accept,
    instances: 8,
    load: { rate: 100, seed: 6 },
    async act({ skein, app, load }) {
      const before = await skein.pids(app);
      assert.equal(before.length, 8);
      await skein.ok(['scale', app, '2']);
      const two = await skein.settled(app);
      assert.equal(two.workers.length, 2);
      assert.ok(two.workers.every((worker) => worker.pid !== null && before.includes(worker.pid)));
      await load.answered(50);
      await skein.ok(['scale', app, '8']);
      assert.equal((await skein.settled(app)).workers.length, 8);
    },
  });
  assert.ok(Object.keys(tally.workers).length > 2, 'new workers took requests');
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
