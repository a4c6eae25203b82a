import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paceOf } from '../../../../src/balancer/tunnels/pace.ts';

test('tenths of a second, and longer for less than ten in a second', () => {
  assert.deepEqual(paceOf(500), { batch: 50, everyMs: 111 });
  assert.deepEqual(paceOf(10), { batch: 1, everyMs: 111 });
  assert.deepEqual(paceOf(4), { batch: 1, everyMs: 275 });
  assert.deepEqual(paceOf(0.5), { batch: 1, everyMs: 2200 });
});

test('in no second are there more, and not many fewer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (perSecond) => {
      const { batch, everyMs } = paceOf(perSecond);
      // Batches of which the first begins the second: one more than whole steps fit into it.
      const most = batch * (Math.floor(1000 / everyMs) + 1);
      assert.ok(most <= perSecond, `${most} of ${perSecond}`);
      assert.ok((batch * 1000) / everyMs >= perSecond / 2, 'half of it at the least');
    }),
  );
});
