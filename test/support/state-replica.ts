/** Local replicas over every engine that tells changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { State } from '../../src/entry/state.ts';
import { replica } from '../../src/entry/state.ts';
import { until } from './wait.ts';

type Fresh = () => readonly [State, State];

/** `inOrder`: changes come before the answers to the calls that made them. */
export const replicas = (fresh: Fresh, inOrder: boolean): void => {
  if (inOrder)
    test('what this process writes is in its replica when the write has resolved', async () => {
      const [a] = fresh();
      const copy = await replica<number>(a, { prefix: 'k' });
      for (let round = 1; round <= 100; round += 1) {
        await a.set('k1', round);
        assert.equal(copy.get('k1'), round);
        assert.equal(copy.get('k2') ?? 0, (await a.increment('k2')) - 1);
        assert.equal(copy.get('k2'), round);
      }
      await a.delete('k1');
      assert.equal(copy.has('k1'), false);
      await copy.close();
    });

  test('a replica has what is there, and follows what others change', async () => {
    const [a, b] = fresh();
    await Promise.all([
      a.set('user:1', { name: 'ada' }),
      a.set('user:2', { name: 'bob' }, { ttl: '1h' }),
      a.set('other', 1),
    ]);
    const users = await replica<{ name: string }>(b, { prefix: 'user:' });
    assert.deepEqual([users.current, users.staleMs, users.size], [true, 0, 2]);
    assert.deepEqual(users.keys().toSorted(), ['user:1', 'user:2']);
    assert.deepEqual(users.get('user:1'), { name: 'ada' });
    assert.equal(users.get('user:1'), users.get('user:1'), 'all readers share one');
    assert.throws(() => Object.assign(users.get('user:1') ?? {}, { name: 'eve' }), TypeError);
    assert.deepEqual([users.get('user:3'), users.has('user:3')], [undefined, false]);
    assert.throws(() => users.get('other'), { code: 'E_REPLICA_KEY' });

    const heard: string[] = [];
    const stop = users.onChange((key, value) => heard.push(`${key} ${value?.name}`));
    await a.set('user:1', { name: 'adele' });
    await a.delete('user:2');
    await a.set('user:3', { name: 'cid' });
    await until('all is heard', () => heard.length === 3);
    assert.deepEqual(heard.toSorted(), ['user:1 adele', 'user:2 undefined', 'user:3 cid']);
    assert.deepEqual(users.get('user:1'), { name: 'adele' });
    assert.deepEqual([users.has('user:2'), users.size], [false, 2]);
    stop();
    await a.delete('user:3');
    await until('it is gone', () => !users.has('user:3'));
    assert.equal(heard.length, 3);
    await users.close();
    await users.close();
    assert.throws(() => users.get('user:1'), { code: 'E_STATE_CLOSED' });
    assert.equal(users.current, false);
  });

  test('a replica of keys by name holds these and no others', async () => {
    const [a, b] = fresh();
    await a.set('motd', 'hello');
    const settings = await replica(b, { keys: ['motd', 'flags'] });
    assert.equal(settings.get('motd'), 'hello');
    assert.equal(settings.get('flags'), undefined);
    await a.increment('flags', 3);
    await until('it follows', () => settings.get('flags') === 3);
    assert.throws(() => settings.get('else'), { code: 'E_REPLICA_KEY', message: /else/ });
    await settings.close();
  });

  test('entries of a replica expire by themselves, also with a new time to live', async () => {
    const [a, b] = fresh();
    await a.set('short', 1, { ttl: 80 });
    await a.set('prolonged', 1, { ttl: 150 });
    const all = await replica(b, { prefix: '' });
    const gone: string[] = [];
    all.onChange((key, value) => void (value === undefined && gone.push(key)));
    await a.expire('prolonged', '1h');
    await until('it is over', () => gone.includes('short'));
    assert.deepEqual([all.get('short'), all.keys(), all.size], [undefined, ['prolonged'], 1]);
    await a.expire('prolonged', 20);
    await until('this too', () => gone.includes('prolonged'));
    await all.close();
  });

  test('nothing is lost between the first reading of a replica and the changes', async () => {
    const [a, b] = fresh();
    const keys = Array.from({ length: 300 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => a.set(key, 0)));
    let running = true;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let round = 0; running; round += 1) {
        // Over the memory engine nothing else lets the event loop turn.
        await turn();
        await Promise.all(
          keys
            .filter((_, index) => index % 40 === (round * 4 + writer) % 40)
            .map((key) => (round % 3 === 2 ? a.delete(key) : a.increment(key))),
        );
      }
    });
    const copies = await Promise.all([1, 2, 3].map(() => replica<number>(b, { prefix: 'k' })));
    running = false;
    await Promise.all(writers);
    const wanted = await Promise.all(keys.map((key) => a.get<number>(key)));
    for (const copy of copies) {
      await until('it agrees', () => keys.every((key, index) => copy.get(key) === wanted[index]));
      await copy.close();
    }
  });

  test('a replica gives up rather than grow without a limit, and says so', async () => {
    const [a, b] = fresh();
    await Promise.all(Array.from({ length: 4 }, (_, index) => a.set(`k${index}`, index)));
    await assert.rejects(replica(b, { prefix: '' }, { maxEntries: 3 }), { code: 'E_REPLICA_FULL' });
    const all = await replica(b, { prefix: '' }, { maxEntries: 4 });
    await a.set('one more', 1);
    await until('it is full', () => !all.current);
    assert.throws(() => all.get('k1'), { code: 'E_REPLICA_FULL', message: /more than 4 entries/ });
    assert.throws(() => all.keys(), { code: 'E_REPLICA_FULL' });
    await all.close();
    await assert.rejects(replica(b, { prefix: '' }, { maxEntries: 0 }), { code: 'E_BAD_VALUE' });
    await assert.rejects(replica(b, { keys: [''] }), { code: 'E_STATE_KEY' });
  });

  test('a listener of a replica may do what it likes with it', async () => {
    const [a, b] = fresh();
    const all = await replica(b, { prefix: '' });
    const sizes: number[] = [];
    const stop = all.onChange(() => {
      sizes.push(all.size);
      stop();
    });
    await a.set('x', 1);
    await until('heard', () => sizes.length === 1);
    await a.set('y', 1);
    await until('it is there', () => all.has('y'));
    assert.deepEqual(sizes, [1]);
    const closing = all.onChange(() => void all.close());
    await a.set('z', 1);
    await until('closed', () => !all.current);
    closing();
  });
};
