/** What an app sees while Redis is stopped, killed, or behind a cut cable, and afterwards. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, test } from 'node:test';
import { createClient } from 'redis';
import { SkeinError } from '../../src/core/errors.ts';
import type { State, StateChange } from '../../src/state/contract.ts';
import { createState } from '../../src/state/create.ts';
import { replica } from '../../src/state/replica/replica.ts';
import { startProxy } from '../support/cuttable-proxy.ts';
import { rejectsWith } from '../support/state-conformance.ts';
import { startRedis } from '../support/state-servers.ts';
import { until } from '../support/wait.ts';

const redis = await startRedis();
after(() => redis.close());

const connect = (t: TestContext, port: number, namespace: string): State => {
  const state = createState({ url: `redis://127.0.0.1:${port}`, namespace, timeout: 300 });
  t.after(() => state.close());
  return state;
};

const works = (state: State) => async (): Promise<boolean> => {
  try {
    await state.set('works', true);
    return true;
  } catch {
    return false;
  }
};

test('a server that is stopped: writes fail clearly, reads may be stale, and all is well when it goes on', async (t) => {
  const state = connect(t, redis.port, 'stopped');
  await state.set('key', 'value');
  assert.equal(await state.get('key', { stale: '1m' }), 'value');
  redis.signal('SIGSTOP');
  try {
    const began = performance.now();
    // The first calls cannot know; what comes after them is told at once and not sent.
    const [first] = await Promise.all([
      rejectsWith('E_STATE_IN_DOUBT', state.set('key', 'in doubt')),
      rejectsWith('E_STATE_AWAY', state.get('key')),
    ]);
    assert.match(first.message, /no answer within 300 ms/);
    const waited = performance.now() - began;
    assert.ok(waited < 2_000, `${waited} ms`);
    const later = performance.now();
    for (let call = 0; call < 100; call += 1) await rejectsWith('E_STATE_AWAY', state.increment('n'));
    assert.ok(performance.now() - later < 250, 'nobody waits for a silence that is known');
    await rejectsWith('E_STATE_AWAY', state.get('key', { stale: 1 }));
  } finally {
    redis.signal('SIGCONT');
  }
  await until('writes work again', works(state));
  assert.equal(await state.increment('n'), 1, 'what was refused was not done');
  await state.close();
});

test('stale reads are allowed by whom asks, and say how old they are', async (t) => {
  const state = connect(t, redis.port, 'stale');
  await state.set('key', { n: 1 });
  await state.get('key', { stale: '1m' });
  await state.get('none', { stale: '1m' });
  redis.signal('SIGSTOP');
  try {
    assert.deepEqual(await state.get('key', { stale: '1m' }), { n: 1 });
    assert.equal(await state.get('none', { stale: '1m' }), undefined);
    const entry = await state.getEntry('key', { stale: '1m' });
    assert.ok(entry !== undefined && entry.staleMs > 0 && entry.staleMs < 10_000);
    await rejectsWith('E_STATE_AWAY', state.get('key'));
    await rejectsWith('E_STATE_AWAY', state.get('never read', { stale: '1m' }));
  } finally {
    redis.signal('SIGCONT');
  }
  await until('reads work again', async () => (await state.getEntry('key', { stale: '1m' }))?.staleMs === 0);
  await state.close();
});

test('a server that is killed and started again: every acknowledged write is there, subscribers are told', async (t) => {
  const state = connect(t, redis.port, 'killed');
  const changes: StateChange[] = [];
  await state.subscribe({ prefix: '' }, (change) => changes.push(change));
  let acknowledged = 0;
  let inDoubt = 0;
  let running = true;
  const writers = Array.from({ length: 8 }, async () => {
    while (running) {
      try {
        await state.increment('n');
        acknowledged += 1;
      } catch (error) {
        assert.ok(error instanceof SkeinError, String(error));
        if (error.code === 'E_STATE_IN_DOUBT') inDoubt += 1;
        else assert.equal(error.code, 'E_STATE_AWAY', error.message);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  });
  await until('it counts', () => acknowledged > 50);
  await redis.kill();
  await until('it fails', async () => (await state.get('n').catch(() => 'away')) === 'away');
  await redis.start();
  const before = acknowledged;
  await until('it counts again', () => acknowledged > before + 50);
  running = false;
  await Promise.all(writers);
  const sum = await state.get<number>('n');
  assert.ok(sum !== undefined && sum >= acknowledged && sum <= acknowledged + inDoubt);
  await until('the gap is told', () => changes.some(({ type }) => type === 'missed'));
  changes.length = 0;
  await state.set('after', 1);
  await until('changes are told again', () => changes.some((change) => change.type === 'set'));
  await state.close();
});

test('a cut cable is noticed, and mended without help', async (t) => {
  const proxy = await startProxy(redis.port);
  const state = connect(t, proxy.port, 'cut');
  const heard: unknown[] = [];
  await state.listen('topic', (value) => heard.push(value));
  await state.set('key', 1);
  proxy.cut();
  await rejectsWith('E_STATE_IN_DOUBT', state.set('key', 2));
  await rejectsWith('E_STATE_AWAY', state.get('key'));
  proxy.mend();
  // The bytes of the cut are lost, so the old connection is of no use: a new one has to be made.
  await until('writes work again', works(state));
  await until('messages arrive again', async () => {
    await state.publish('topic', 'hello').catch(() => {});
    return heard.length > 0;
  });
  proxy.reset();
  await until('writes work after a reset', works(state));
  await state.close();
  await proxy.close();
});

test('a replica goes on answering while Redis is away, says so, and catches up', async (t) => {
  const proxy = await startProxy(redis.port);
  t.after(() => proxy.close());
  const [cut, direct] = [connect(t, proxy.port, 'replica'), connect(t, redis.port, 'replica')];
  await Promise.all([direct.set('stays', 1), direct.set('changes', 1), direct.set('goes', 1)]);
  const copy = await replica<number>(cut, { prefix: '' });
  assert.deepEqual([copy.current, copy.staleMs, copy.size], [true, 0, 3]);
  proxy.cut();
  await Promise.all([direct.set('changes', 2), direct.delete('goes'), direct.set('comes', 1)]);
  await until('the silence is noticed', () => !copy.current);
  assert.deepEqual([copy.get('changes'), copy.has('goes')], [1, true], 'as it was');
  await until('it says how old it may be', () => copy.staleMs > 0);
  const heard: string[] = [];
  copy.onChange((key, value) => heard.push(`${key} ${value}`));
  proxy.mend();
  await until('it is current again', () => copy.current);
  assert.deepEqual(heard.toSorted(), ['changes 2', 'comes 1', 'goes undefined']);
  assert.deepEqual([copy.get('changes'), copy.has('goes'), copy.staleMs], [2, false, 0]);
  await redis.kill();
  await until('the loss is noticed', () => !copy.current);
  assert.equal(copy.get('changes'), 2);
  await assert.rejects(replica(cut, { prefix: '' }), { code: 'E_STATE_AWAY' });
  await redis.start();
  await until('it is current again', () => copy.current);
  await until('the other one is connected too', works(direct));
  await direct.set('changes', 3);
  await until('it follows', () => copy.get('changes') === 3);
  await cut.close();
  assert.deepEqual([copy.current, copy.get('changes')], [false, 3], 'the state was closed under it');
  await copy.close();
});

test('a ready client is used, and left open; what it says about its connection counts', async () => {
  const client = createClient({ socket: { port: redis.port, reconnectStrategy: 20 } });
  client.on('error', () => {});
  await client.connect();
  const state = createState({ client, namespace: 'ready', timeout: 300 });
  const heard: unknown[] = [];
  await state.listen('topic', (value) => heard.push(value));
  assert.equal(await state.increment('n', 2), 2);
  assert.match((await client.get('ready:n')) ?? '', /^\d+\|2$/);
  await state.publish('topic', 1);
  await until('heard', () => heard.length === 1);
  await redis.kill();
  await until('the client notices', () => !client.isReady);
  await rejectsWith('E_STATE_AWAY', state.increment('n'));
  await redis.start();
  await until('it works again', works(state));
  assert.equal(await state.increment('n'), 3);
  await state.close();
  assert.equal(await client.ping(), 'PONG');
  client.destroy();
});

test('what others keep in the same Redis is not touched', async (t) => {
  const client = createClient({ socket: { port: redis.port } });
  await client.connect();
  const state = connect(t, redis.port, 'shared');
  await client.set('shared:text', 'hello');
  await client.lPush('shared:list', 'a');
  for (const key of ['text', 'list']) {
    await rejectsWith('E_STATE_FOREIGN', state.get(key));
    await rejectsWith('E_STATE_FOREIGN', state.set(key, 1));
    await rejectsWith('E_STATE_FOREIGN', state.increment(key));
    await rejectsWith('E_STATE_FOREIGN', state.delete(key));
  }
  assert.equal(await client.get('shared:text'), 'hello');
  const changes: StateChange[] = [];
  await state.subscribe({ prefix: '' }, (change) => changes.push(change));
  for (const garbage of ['', 'x', 's|', 's|1|', 's|-1|5|{', 'd|', 'e|1|'])
    await client.publish('skein-change:shared:x', garbage);
  await state.set('mine', 1);
  await until('the real change is told', () =>
    changes.some((one) => one.type === 'set' && one.key === 'mine'),
  );
  await state.close();
  client.destroy();
});

test('a server without memory, or for reading only, refuses writes in its own words', async (t) => {
  const client = createClient({ socket: { port: redis.port } });
  await client.connect();
  const state = connect(t, redis.port, 'full');
  await state.set('key', 1);
  await client.configSet('maxmemory', '1');
  const full = await rejectsWith('E_STATE_AWAY', state.set('key', 2));
  assert.match(full.message, /OOM/);
  await client.configSet('maxmemory', '0');
  assert.equal(await state.get('key'), 1);
  await client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
  assert.match((await rejectsWith('E_STATE_AWAY', state.set('key', 2))).message, /READONLY/);
  await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  await state.set('key', 2);
  await state.close();
  client.destroy();
});

test('a wrong password is said at once', async () => {
  const locked = await startRedis('--requirepass', 'right');
  const state = createState({ url: `redis://:wrong@127.0.0.1:${locked.port}` });
  const error = await state.get('key').catch((reason: unknown) => reason);
  assert.ok(error instanceof SkeinError);
  assert.match(error.message, /WRONGPASS|invalid username-password/);
  assert.ok(!error.message.includes('wrong@'));
  await state.close();
  const right = createState({ url: `redis://:right@127.0.0.1:${locked.port}/3` });
  await right.set('key', 1);
  assert.equal(await right.get('key'), 1);
  await right.close();
  await locked.close();
});
