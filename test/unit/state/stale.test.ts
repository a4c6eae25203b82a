import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SkeinError } from '../../../src/core/errors.ts';
import { StaleReads } from '../../../src/state/stale.ts';

const away = (): Promise<never> =>
  Promise.reject(
    new SkeinError('E_STATE_AWAY', { operation: 'get', key: 'a', engine: 'Redis', reason: 'test' }),
  );
const entry = { text: '1', version: 1 };

test('the last value serves while the engine is away, until it is too old', async () => {
  let now = 0;
  const reads = new StaleReads(() => now);
  assert.deepEqual(await reads.read('a', 1000, async () => entry), { entry, staleMs: 0 });
  now = 900;
  assert.deepEqual(await reads.read('a', 1000, away), { entry, staleMs: 900 });
  assert.deepEqual(await reads.read('a', 5000, away), { entry, staleMs: 900 });
  now = 1100;
  await assert.rejects(reads.read('a', 1000, away), { code: 'E_STATE_AWAY' });
});

test('that there was nothing is an answer too; what was never read is not', async () => {
  const reads = new StaleReads();
  await reads.read('none', 1000, async () => null);
  assert.equal((await reads.read('none', 1000, away)).entry, null);
  await assert.rejects(reads.read('other', 1000, away), { code: 'E_STATE_AWAY' });
});

test('other failures are not covered up, and what this process wrote is not served old', async () => {
  const reads = new StaleReads();
  await reads.read('a', 1000, async () => entry);
  await assert.rejects(
    reads.read('a', 1000, () => Promise.reject(new Error('of another kind'))),
    /another kind/,
  );
  reads.forget('a');
  await assert.rejects(reads.read('a', 1000, away), { code: 'E_STATE_AWAY' });
});
