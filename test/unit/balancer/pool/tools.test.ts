import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPoolTools } from '../../../../src/balancer/pool/tools.ts';
import { until } from '../../../support/wait.ts';

const tools = createPoolTools({
  log: () => {},
  stickyKey: Buffer.alloc(32),
  state: () => Promise.reject(new Error('none')),
});

test('what is taken back is not called', async () => {
  const called: string[] = [];
  tools.after(1, () => called.push('taken back'))();
  tools.after(2, () => called.push('due'));
  await until('the call', () => called.includes('due'));
  assert.deepEqual(called, ['due']);
});

test('the ticker turns for all who want it, until nobody does', async () => {
  const counts = [0, 0];
  const keep = setInterval(() => {}, 1_000);
  for (const index of [0, 1])
    tools.ticker.start((gapMs) => {
      assert.ok(gapMs >= 0);
      counts[index] = (counts[index] ?? 0) + 1;
      return (counts[index] ?? 0) < 3 + index;
    });
  await until('both to end', () => counts[0] === 3 && counts[1] === 4);
  clearInterval(keep);
});
