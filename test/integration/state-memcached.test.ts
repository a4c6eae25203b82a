import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cache } from '../../src/entry/state.ts';
import { createState } from '../../src/state/create.ts';
import { rejectsWith, stateConformance } from '../support/state-conformance.ts';
import { startMemcached } from '../support/state-servers.ts';
import { stateEvictions } from '../support/state-evictions.ts';
import { stateTools } from '../support/state-tools.ts';

const memcached = await startMemcached();
after(() => memcached.close());

stateConformance('Memcached', {
  connect: () => createState({ url: `memcached://127.0.0.1:${memcached.port}` }),
  part: 'cache',
  tellsExpiry: false,
});

stateTools('Memcached', () => createState({ url: `memcached://127.0.0.1:${memcached.port}` }), 'cache');

const small = await startMemcached('-m', '4');
after(() => small.close());

stateEvictions('Memcached', {
  connect: () => createState({ url: `memcached://127.0.0.1:${small.port}` }),
  tells: 'none',
  subscribes: false,
  goes: 'oldest',
});

test('while Memcached is away, and after it came back, the cache takes nobody along', async (t) => {
  const server = await startMemcached();
  t.after(() => server.close());
  const state = createState({ url: `memcached://127.0.0.1:${server.port}`, timeout: 300 });
  t.after(() => state.close());
  const values = cache(state, 'pages', { ttl: '1h' });
  assert.equal(await values.get('key', () => 1), 1);
  await server.kill();
  assert.equal(await values.get('key', () => 2, { tags: ['tag'] }), 2);
  await rejectsWith('E_STATE_AWAY', state.get('key'));
  await server.start();
  assert.equal(await values.get('key', () => 3), 3);
  assert.equal(await values.get('key', () => 4), 3);
  assert.equal((await state.stats()).evictions, 0);
});
