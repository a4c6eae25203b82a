import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createState } from '../../../src/state/create.ts';
import { rejectsWith } from '../../support/state-conformance.ts';

test('alone, without any configuration, it is memory', async () => {
  const state = createState();
  assert.equal(state.engine, 'memory');
  assert.equal(state.prefix, 'skein:');
  await state.close();
});

test('the environment chooses, an option chooses first', async (t) => {
  const before = process.env['SKEIN_STATE'];
  t.after(() => {
    if (before === undefined) delete process.env['SKEIN_STATE'];
    else process.env['SKEIN_STATE'] = before;
  });
  process.env['SKEIN_STATE'] = 'redis://127.0.0.1:1';
  const states = [
    createState(),
    createState({ url: 'memory:' }),
    createState({ url: 'memcached://127.0.0.1:1' }),
  ];
  assert.deepEqual(
    states.map(({ engine }) => engine),
    ['redis', 'memory', 'memcached'],
  );
  await Promise.all(states.map((state) => state.close()));
  process.env['SKEIN_STATE'] = 'nonsense';
  assert.throws(() => createState(), { code: 'E_STATE_ENGINE' });
  process.env['SKEIN_STATE'] = '';
  assert.equal(createState().engine, 'memory');
});

test('options that cannot be are refused at once', () => {
  assert.throws(() => createState({ maxMemory: 'much' }), { code: 'E_BAD_VALUE' });
  assert.throws(() => createState({ timeout: 'soon' as '1s' }), { code: 'E_BAD_VALUE' });
  assert.throws(() => createState({ namespace: 'a:b' }), { code: 'E_STATE_KEY' });
  assert.throws(() => createState({ namespace: '' }), { code: 'E_STATE_KEY' });
});

test('a client that is none is refused when it is used', async () => {
  const state = createState({ client: {} as never });
  await rejectsWith('E_STATE_ENGINE', state.get('key'));
  assert.throws(() => createState({ client: {} as never, url: 'memory:' }), { code: 'E_STATE_ENGINE' });
});

test('after close every call says so', async () => {
  const state = createState();
  await state.set('key', 1);
  const inside = state.namespace('inside');
  await Promise.all([state.close(), state.close()]);
  for (const call of [
    state.get('key'),
    state.set('key', 1),
    state.keys(),
    inside.increment('n'),
    state.stats(),
  ])
    await rejectsWith('E_STATE_CLOSED', call);
});

test('nobody listens where nothing answers: a clear error, at once', async () => {
  const state = createState({ url: 'redis://127.0.0.1:1' });
  const error = await rejectsWith('E_STATE_AWAY', state.set('key', 1));
  assert.match(error.message, /set skein:key: Redis at 127\.0\.0\.1:1 cannot be reached \(.*ECONNREFUSED/);
  await rejectsWith('E_STATE_AWAY', state.get('key'));
  await rejectsWith(
    'E_STATE_AWAY',
    state.subscribe('key', () => {}),
  );
  await state.close();
  const cache = createState({ url: 'memcached://127.0.0.1:1' });
  await rejectsWith('E_STATE_AWAY', cache.set('key', 1));
  await cache.close();
});

test('embedded: without a path needs a Skein that runs the process, and says so', () => {
  assert.throws(() => createState({ url: 'embedded:' }), {
    code: 'E_STATE_ENGINE',
    message: /not started by Skein/,
    fix: /skein start/,
  });
});
