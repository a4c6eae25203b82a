/**
 * What every engine of `skein/state` has to do, as one suite. Each test has a namespace of its own, so
 * that engines which others use too can be tested.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { SkeinError } from '../../src/core/errors.ts';
import type { State, StateChange } from '../../src/state/contract.ts';
import { replicas } from './state-replica.ts';
import { until } from './wait.ts';

export interface ConformanceOptions {
  /** A state over a new connection; those of one suite see the same entries. */
  readonly connect: () => Promise<State> | State;
  /** `cache`: get, set, has, delete, compareAndSet of what is missing, and expiry; nothing else. */
  readonly part: 'all' | 'cache';
  /** Whether entries that expire are told to subscribers. */
  readonly tellsExpiry: boolean;
}

export const rejectsWith = async (code: string, promise: Promise<unknown>): Promise<SkeinError> => {
  const error = await promise.then(
    (value) => assert.fail(`resolved to ${JSON.stringify(value)} instead of rejecting with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SkeinError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
};

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  5e-324,
  1.7976931348623157e308,
  '',
  'text',
  'línea\n\0 “quoted” 🪿 | 1|2|3',
  [],
  {},
  [1, [2, [3]], { a: null }],
  { name: 'ada', roles: ['a', 'b'], nested: { deep: [{ x: 1 }] }, '': 'empty', 'a.b': 1 },
];

export const stateConformance = (name: string, options: ConformanceOptions): void => {
  suite(`state over ${name}`, () => {
    let one: State;
    let other: State;
    let count = 0;
    /** The same fresh namespace over two connections. */
    const fresh = (): readonly [State, State] => {
      count += 1;
      const namespace = `t${count}-${process.pid}`;
      return [one.namespace(namespace), other.namespace(namespace)];
    };

    before(async () => {
      one = await options.connect();
      other = await options.connect();
    });
    after(async () => {
      await Promise.all([one.close(), other.close()]);
    });

    cachePart(fresh);
    if (options.part === 'cache') refusals(fresh);
    else {
      entries(fresh);
      counting(fresh);
      comparing(fresh);
      listing(fresh);
      telling(fresh, options.tellsExpiry);
      replicas(fresh, options.tellsExpiry);
    }
  });
};

type Fresh = () => readonly [State, State];

const cachePart = (fresh: Fresh): void => {
  test('what is set is read by everybody, as it was', async () => {
    const [a, b] = fresh();
    for (const [index, value] of values.entries()) {
      await a.set(`key ${index}`, value);
      assert.deepEqual(await b.get(`key ${index}`), value);
    }
  });

  test('what is not there is undefined', async () => {
    const [a] = fresh();
    assert.equal(await a.get('nothing'), undefined);
    assert.equal(await a.getEntry('nothing'), undefined);
    assert.equal(await a.has('nothing'), false);
    assert.equal(await a.delete('nothing'), false);
  });

  test('what is deleted is gone', async () => {
    const [a, b] = fresh();
    await a.set('key', 1);
    assert.equal(await b.has('key'), true);
    assert.equal(await b.delete('key'), true);
    assert.equal(await a.has('key'), false);
    assert.equal(await a.get('key'), undefined);
  });

  test('a value that is read is a copy', async () => {
    const [a] = fresh();
    const stored = { list: [1] };
    await a.set('key', stored);
    stored.list.push(2);
    const read = await a.get<{ list: number[] }>('key');
    read?.list.push(3);
    assert.deepEqual(await a.get('key'), { list: [1] });
  });

  test('an entry with a time to live is gone when that is over, and not before', async () => {
    const [a, b] = fresh();
    const began = Date.now();
    await a.set('short', 1, { ttl: '300ms' });
    await a.set('long', 2, { ttl: '30d' });
    assert.equal(await b.get('short'), 1);
    const entry = await b.getEntry('short');
    assert.ok(entry?.expiresAt != null && Math.abs(entry.expiresAt - began - 300) < 200);
    await until('short is gone', async () => !(await b.has('short')));
    assert.ok(Date.now() - began >= 295, `gone after ${Date.now() - began} ms`);
    assert.equal(await b.get('short'), undefined);
    assert.equal(await b.get('long'), 2);
  });

  test('set without a time to live takes the old one away', async () => {
    const [a] = fresh();
    await a.set('key', 1, { ttl: '1h' });
    await a.set('key', 2);
    assert.equal((await a.getEntry('key'))?.expiresAt, null);
  });

  test('keys of any text are kept apart', async () => {
    const [a, b] = fresh();
    const keys = ['a', 'A', 'a b', 'a\nb', 'é', 'e\u0301', '{x}a', '{x}b', '*', '[a]', '\\', 'ü'.repeat(200)];
    await Promise.all(keys.map((key, index) => a.set(key, index)));
    assert.deepEqual(await Promise.all(keys.map((key) => b.get(key))), [...keys.keys()]);
  });

  test('of many who set what is missing one succeeds', async () => {
    const [a, b] = fresh();
    const tries = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? a : b).compareAndSet('key', null, index),
    );
    const versions = await Promise.all(tries);
    assert.equal(versions.filter((version) => version !== undefined).length, 1);
    assert.equal(
      await a.get('key'),
      versions.findIndex((version) => version !== undefined),
    );
  });

  test('versions grow, also over a delete', async () => {
    const [a, b] = fresh();
    const first = await a.set('key', 1);
    const second = await b.set('key', 1);
    assert.ok(second > first);
    await a.delete('key');
    const third = await a.set('key', 1);
    assert.ok(third > second);
    assert.equal((await b.getEntry('key'))?.version, third);
  });

  test('bad keys and values are refused, each with its code, and nothing is stored', async () => {
    const [a] = fresh();
    await rejectsWith('E_STATE_KEY', a.get(''));
    await rejectsWith('E_STATE_KEY', a.set('x'.repeat(600), 1));
    await rejectsWith('E_STATE_KEY', a.set('\ud800', 1));
    await rejectsWith('E_STATE_KEY', a.get(5 as unknown as string));
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const lossy = [
      undefined,
      Number.NaN,
      Infinity,
      1n,
      Symbol('s'),
      () => 1,
      new Date(),
      new Map(),
      circular,
    ];
    for (const value of lossy) {
      const error = await rejectsWith('E_STATE_VALUE', a.set<unknown>('key', { in: [value] }));
      assert.match(error.message, /value\.in\[0\]/);
    }
    await rejectsWith('E_STATE_TOO_LARGE', a.set('key', 'x'.repeat(1024 * 1024)));
    await rejectsWith('E_BAD_VALUE', a.set('key', 1, { ttl: 'soon' as '1s' }));
    await rejectsWith('E_BAD_VALUE', a.set('key', 1, { ttl: 0 }));
    await rejectsWith('E_BAD_VALUE', a.set('key', 1, { ttl: -5 }));
    assert.equal(await a.get('key'), undefined);
  });

  test('large values come back whole', async () => {
    const [a, b] = fresh();
    const large = { text: 'ü'.repeat(400_000) };
    await a.set('key', large);
    assert.deepEqual(await b.get('key'), large);
  });
};

const refusals = (fresh: Fresh): void => {
  test('what the cache does not need is refused by name', async () => {
    const [a] = fresh();
    await rejectsWith('E_STATE_CANNOT', a.increment('key'));
    await rejectsWith('E_STATE_CANNOT', a.keys());
    await rejectsWith(
      'E_STATE_CANNOT',
      a.subscribe('key', () => {}),
    );
    await rejectsWith('E_STATE_CANNOT', a.publish('topic', 1));
    await rejectsWith('E_STATE_CANNOT', a.compareAndSet('key', 5, 1));
  });
};

const entries = (fresh: Fresh): void => {
  test('expire gives a time to live, takes it away, and says whether there was an entry', async () => {
    const [a, b] = fresh();
    await a.set('key', 1);
    assert.equal(await b.expire('key', '1h'), true);
    assert.ok(((await a.getEntry('key'))?.expiresAt ?? 0) > Date.now() + 3_000_000);
    assert.equal(await b.expire('key', null), true);
    assert.equal((await a.getEntry('key'))?.expiresAt, null);
    assert.equal(await b.expire('key', 50), true);
    await until('key is gone', async () => !(await a.has('key')));
    assert.equal(await b.expire('key', '1h'), false);
  });

  test('expire leaves value and version', async () => {
    const [a] = fresh();
    const version = await a.set('key', 'value');
    await a.expire('key', '1h');
    const entry = await a.getEntry('key');
    assert.deepEqual([entry?.value, entry?.version], ['value', version]);
  });

  test('namespaces are apart, and nest', async () => {
    const [a] = fresh();
    const [x, y] = [a.namespace('x'), a.namespace('y')];
    await Promise.all([a.set('key', 0), x.set('key', 1), y.set('key', 2), x.namespace('y').set('key', 3)]);
    assert.deepEqual(
      await Promise.all([a, x, y, x.namespace('y')].map((space) => space.get('key'))),
      [0, 1, 2, 3],
    );
    assert.deepEqual(await y.keys(), ['key']);
    assert.throws(() => a.namespace('a:b'), { code: 'E_STATE_KEY' });
    assert.throws(() => a.namespace(''), { code: 'E_STATE_KEY' });
  });
};

const counting = (fresh: Fresh): void => {
  test('increments of many add up exactly', async () => {
    const [a, b] = fresh();
    const sums = await Promise.all(
      Array.from({ length: 500 }, (_, index) => (index % 2 ? a : b).increment('n')),
    );
    assert.equal(new Set(sums).size, 500);
    assert.equal(await a.get('n'), 500);
    assert.equal(await a.increment('n', -501), -1);
    assert.equal(await a.increment('n', 0), -1);
  });

  test('an increment beyond the safe integers, or of something else, changes nothing', async () => {
    const [a] = fresh();
    await a.set('n', Number.MAX_SAFE_INTEGER);
    await rejectsWith('E_STATE_NUMBER', a.increment('n'));
    assert.equal(await a.get('n'), Number.MAX_SAFE_INTEGER);
    assert.equal(await a.increment('n', -1), Number.MAX_SAFE_INTEGER - 1);
    assert.equal(await a.increment('low', Number.MIN_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
    for (const value of ['5', 1.5, [1], null]) {
      await a.set('other', value);
      await rejectsWith('E_STATE_NUMBER', a.increment('other'));
      assert.deepEqual(await a.get('other'), value);
    }
    await rejectsWith('E_BAD_VALUE', a.increment('n', 1.5));
    await rejectsWith('E_BAD_VALUE', a.increment('n', Number.NaN));
  });

  test('the time to live of an increment counts from the first', async () => {
    const [a] = fresh();
    await a.increment('n', 1, { ttl: '1h' });
    const first = (await a.getEntry('n'))?.expiresAt;
    await a.increment('n', 1, { ttl: '10h' });
    const second = (await a.getEntry('n'))?.expiresAt;
    assert.equal(second, first);
  });
};

const comparing = (fresh: Fresh): void => {
  test('compareAndSet writes only over the version it names', async () => {
    const [a, b] = fresh();
    assert.equal(await a.compareAndSet('key', 1, 'x'), undefined);
    const first = await a.compareAndSet('key', null, 'a');
    assert.ok(first !== undefined);
    assert.equal(await b.compareAndSet('key', null, 'b'), undefined);
    const second = await b.compareAndSet('key', first, 'b');
    assert.ok(second !== undefined && second > first);
    assert.equal(await a.compareAndSet('key', first, 'c'), undefined);
    assert.equal(await a.get('key'), 'b');
    assert.equal(await a.compareAndDelete('key', first), false);
    assert.equal(await a.compareAndDelete('key', second), true);
    assert.equal(await a.has('key'), false);
  });

  test('a version of an entry that was deleted and made again does not pass', async () => {
    const [a, b] = fresh();
    const version = await a.set('key', 1);
    await b.delete('key');
    await b.set('key', 1);
    assert.equal(await a.compareAndSet('key', version, 2), undefined);
  });

  test('compareAndSet keeps or gives a time to live', async () => {
    const [a] = fresh();
    const first = await a.set('key', 1, { ttl: '1h' });
    const second = await a.compareAndSet('key', first, 2, { ttl: 'keep' });
    assert.ok(((await a.getEntry('key'))?.expiresAt ?? 0) > Date.now());
    await a.compareAndSet('key', second ?? 0, 3);
    assert.equal((await a.getEntry('key'))?.expiresAt, null);
  });

  test('updates of many are all there', async () => {
    const [a, b] = fresh();
    await a.set('list', [], { ttl: '1h' });
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 ? a : b).update<number[]>('list', (list = []) => [...list, index]),
      ),
    );
    const list = await a.get<number[]>('list');
    assert.deepEqual(
      list?.toSorted((x, y) => x - y),
      Array.from({ length: 60 }, (_, index) => index),
    );
    assert.ok((await a.getEntry('list'))?.expiresAt != null, 'update keeps the time to live');
  });

  test('an update that fails changes nothing', async () => {
    const [a] = fresh();
    await a.set('key', 1);
    await assert.rejects(
      a.update('key', () => {
        throw new Error('of the app');
      }),
      /of the app/,
    );
    await rejectsWith(
      'E_STATE_VALUE',
      a.update<number>('key', () => undefined as unknown as number),
    );
    assert.equal(await a.get('key'), 1);
  });

  test('an update that is never first gives up', async () => {
    const [a, b] = fresh();
    const update = a.update<number>(
      'key',
      async (value = 0) => {
        await b.increment('key');
        return value + 1;
      },
      { timeout: 100 },
    );
    await rejectsWith('E_STATE_CONFLICT', update);
  });
};

const listing = (fresh: Fresh): void => {
  test('keys are those that begin with the prefix, whatever is in it', async () => {
    const [a, b] = fresh();
    const keys = ['user:1', 'user:2', 'user', 'use*r:1', 'us?r', '[a-z]', 'x\\y', '🪿'];
    await Promise.all(keys.map((key) => a.set(key, 1)));
    const sorted = async (prefix?: string): Promise<string[]> => (await b.keys(prefix)).toSorted();
    assert.deepEqual(await sorted(), keys.toSorted());
    assert.deepEqual(await sorted('user:'), ['user:1', 'user:2']);
    assert.deepEqual(await sorted('use*'), ['use*r:1']);
    assert.deepEqual(await sorted('us?'), ['us?r']);
    assert.deepEqual(await sorted('['), ['[a-z]']);
    assert.deepEqual(await sorted('x\\'), ['x\\y']);
    assert.deepEqual(await sorted('none'), []);
  });

  test('thousands of keys are each there once', async () => {
    const [a] = fresh();
    await Promise.all(Array.from({ length: 3000 }, (_, index) => a.set(`k${index}`, index)));
    const keys = await a.keys('k');
    assert.equal(keys.length, 3000);
    assert.equal(new Set(keys).size, 3000);
  });
};

/** Collects what a subscriber is told, without versions, times and gaps, which may be told too often. */
const recorder = (): { seen: string[]; listener: (change: StateChange) => void } => {
  const seen: string[] = [];
  const listener = (change: StateChange): void => {
    switch (change.type) {
      case 'set':
        seen.push(`set ${change.key} ${JSON.stringify(change.value)}`);
        break;
      case 'delete':
        seen.push(`${change.reason} ${change.key}`);
        break;
      case 'expire':
        seen.push(`expire ${change.key}`);
        break;
      case 'away':
      case 'missed':
    }
  };
  return { seen, listener };
};

const telling = (fresh: Fresh, tellsExpiry: boolean): void => {
  test('subscribers of a key and of a prefix hear every change of theirs, in order', async () => {
    const [a, b] = fresh();
    const key = recorder();
    const prefix = recorder();
    const everything = recorder();
    const offs = await Promise.all([
      b.subscribe('user:1', key.listener),
      b.subscribe({ prefix: 'user:' }, prefix.listener),
      b.subscribe({ prefix: '' }, everything.listener),
    ]);
    await a.set('user:1', { n: 1 });
    await a.increment('user:2', 5);
    await a.set('us*r:1', 0);
    const version = await a.set('user:1', { n: 2 });
    await a.expire('user:1', '1h');
    await a.compareAndSet('user:1', version, 3);
    await a.delete('user:1');
    await a.set('end', true);
    await until('all changes are told', () => everything.seen.length === 8);
    const ofKey = [
      'set user:1 {"n":1}',
      'set user:1 {"n":2}',
      'expire user:1',
      'set user:1 3',
      'deleted user:1',
    ];
    assert.deepEqual(key.seen, ofKey);
    // The order holds for each key; over all of them only where there is one server.
    assert.deepEqual(
      prefix.seen.filter((line) => line.includes('user:1')),
      ofKey,
    );
    assert.deepEqual(
      prefix.seen.filter((line) => !line.includes('user:1')),
      ['set user:2 5'],
    );
    await Promise.all(offs.map((off) => off()));
    await Promise.all(offs.map((off) => off()));
    await a.set('user:1', 1);
    assert.equal(key.seen.length, 5);
  });

  test('changes tell the version and when the entry expires', async () => {
    const [a, b] = fresh();
    const seen: StateChange[] = [];
    const off = await b.subscribe('key', (change) => void ('key' in change && seen.push(change)));
    const version = await a.set('key', 'value', { ttl: '1h' });
    await until('the change is told', () => seen.length > 0);
    const entry = await a.getEntry('key');
    assert.deepEqual(seen[0], {
      type: 'set',
      key: 'key',
      value: 'value',
      version,
      expiresAt: entry?.expiresAt,
    });
    await off();
  });

  test(`entries that expire ${tellsExpiry ? 'are told' : 'go without a word'}`, async () => {
    const [a, b] = fresh();
    const { seen, listener } = recorder();
    const off = await b.subscribe({ prefix: '' }, listener);
    await a.set('key', 1, { ttl: 30 });
    await until('key is gone', async () => (tellsExpiry ? seen.length > 1 : !(await a.has('key'))));
    assert.deepEqual(seen, tellsExpiry ? ['set key 1', 'expired key'] : ['set key 1']);
    await off();
  });

  test('messages reach all who listen to the topic, and nobody else', async () => {
    const [a, b] = fresh();
    const heard: unknown[][] = [[], [], []];
    const offs = await Promise.all([
      a.listen('topic', (value) => heard[0]?.push(value)),
      b.listen('topic', (value) => heard[1]?.push(value)),
      b.listen('other', (value) => heard[2]?.push(value)),
    ]);
    await a.publish('topic', { n: 1 });
    await a.publish('topic', null);
    await until('both are heard', () => heard[0]?.length === 2 && heard[1]?.length === 2);
    assert.deepEqual(heard, [[{ n: 1 }, null], [{ n: 1 }, null], []]);
    await Promise.all(offs.map((off) => off()));
    await rejectsWith('E_STATE_VALUE', a.publish<unknown>('topic', new Map()));
  });
};
