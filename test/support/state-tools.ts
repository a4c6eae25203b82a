/** What is built on state, as one suite for every engine that can carry it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cache,
  counter,
  elect,
  lock,
  slidingWindow,
  type State,
  tokenBucket,
  topic,
} from '../../src/entry/state.ts';
import { rejectsWith } from './state-conformance.ts';
import { until } from './wait.ts';

/** `cache`: only what Memcached can carry as well. */
export const stateTools = (name: string, connect: () => State, part: 'all' | 'cache' = 'all'): void => {
  suite(`built on ${name}`, () => {
    let one: State;
    let other: State;
    let count = 0;
    const fresh: Fresh = () => {
      count += 1;
      const namespace = `tools${count}-${process.pid}`;
      return [one.namespace(namespace), other.namespace(namespace)];
    };
    before(() => {
      one = connect();
      other = connect();
    });
    after(async () => {
      await Promise.all([one.close(), other.close()]);
    });
    caches(fresh);
    if (part === 'cache') return;
    counters(fresh);
    locks(fresh);
    limiters(fresh);
    elections(fresh);
  });
};

type Fresh = () => readonly [State, State];

const counters = (fresh: Fresh): void => {
  test('a counter counts for everybody', async () => {
    const [a, b] = fresh();
    const [x, y] = [counter(a, 'visits'), counter(b, 'visits')];
    assert.equal(await x.value(), 0);
    await Promise.all(Array.from({ length: 100 }, (_, index) => (index % 2 ? x : y).increment()));
    assert.equal(await y.value(), 100);
    assert.equal(await y.decrement(30), 70);
    await x.reset();
    assert.equal(await y.value(), 0);
  });

  test('a counter with a time to live begins anew', async () => {
    const [a] = fresh();
    const short = counter(a, 'short', { ttl: 50 });
    await short.increment();
    await until('it is over', async () => (await short.value()) === 0);
  });

  test('what is said on a topic is heard with its type', async () => {
    const [a, b] = fresh();
    interface Order {
      readonly id: number;
    }
    const heard: Order[] = [];
    const off = await topic<Order>(b, 'orders').subscribe((order) => heard.push(order));
    await topic<Order>(a, 'orders').publish({ id: 7 });
    await until('it is heard', () => heard.length > 0);
    assert.deepEqual(heard, [{ id: 7 }]);
    await off();
  });
};

/** Blocks this thread, as a garbage collection or a debugger does. */
const pauseProcess = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const locks = (fresh: Fresh): void => {
  test('of many only one at a time holds a lock, with growing tokens', async () => {
    const [a, b] = fresh();
    let inside = 0;
    const tokens: number[] = [];
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        lock(index % 2 ? a : b, 'shop', { wait: '20s' }).run(async ({ token }) => {
          inside += 1;
          assert.equal(inside, 1);
          tokens.push(token);
          await delay(2);
          inside -= 1;
        }),
      ),
    );
    assert.equal(tokens.length, 12);
    assert.deepEqual(
      tokens,
      tokens.toSorted((x, y) => x - y),
    );
  });

  test('a lock is renewed for as long as it is held', async () => {
    const [a, b] = fresh();
    // Longer than a busy machine may keep this process from running: a pause would rightly end the lock.
    const held = await lock(a, 'long', { ttl: 500 }).acquire();
    // Who waits for longer than it would last is still in vain.
    await rejectsWith('E_LOCK_HELD', lock(b, 'long', { wait: 800 }).acquire());
    held.check();
    await held.release();
    const next = await lock(b, 'long').tryAcquire();
    assert.ok(next !== undefined && next.token > held.token);
    await next.release();
  });

  test('waiting for a lock ends with a clear error, or when it is not wanted any more', async () => {
    const [a, b] = fresh();
    const held = await lock(a, 'held').acquire();
    await rejectsWith('E_LOCK_HELD', lock(b, 'held', { wait: 30 }).acquire());
    const giveUp = AbortSignal.timeout(30);
    await assert.rejects(lock(b, 'held').acquire({ signal: giveUp }), { name: 'TimeoutError' });
    await held.release();
    await rejectsWith(
      'E_BAD_VALUE',
      Promise.resolve().then(() => lock(a, 'x', { ttl: 0 })),
    );
  });

  test('a lock lost to a pause is an error of its own, and another holder is never disturbed', async () => {
    const [a, b] = fresh();
    const held = await lock(a, 'paused', { ttl: 100 }).acquire();
    pauseProcess(150);
    assert.throws(() => held.check(), { code: 'E_LOCK_LOST', message: /paused/ });
    assert.ok(held.signal.aborted);
    const next = await until('another gets it', () => lock(b, 'paused').tryAcquire());
    assert.ok(next.token > held.token);
    await rejectsWith('E_LOCK_LOST', held.release());
    next.check();
    await next.release();
    await rejectsWith(
      'E_LOCK_LOST',
      lock(a, 'paused', { ttl: 60 }).run(() => pauseProcess(120)),
    );
  });

  test('a lock that somebody took away is lost', async () => {
    const [a] = fresh();
    const held = await lock(a, 'taken', { ttl: 90 }).acquire();
    await a.namespace('lock').set('taken', 'somebody else');
    await until('the loss is noticed', () => held.signal.aborted);
    assert.equal((held.signal.reason as { code: string }).code, 'E_LOCK_LOST');
  });

  test('what fails while a lock is held frees it', async () => {
    const [a] = fresh();
    await assert.rejects(
      lock(a, 'fails').run(() => {
        throw new Error('of the app');
      }),
      /of the app/,
    );
    assert.equal(await lock(a, 'fails').run(() => 'again'), 'again');
  });
};

const limiters = (fresh: Fresh): void => {
  test('a sliding window never allows more than its limit, whoever asks', async () => {
    const [a, b] = fresh();
    const limits = [a, b].map((state) => slidingWindow(state, 'api', { limit: 20, per: '1h' }));
    const verdicts = await Promise.all(
      Array.from({ length: 30 }, () => limits.map((limit) => limit.take('client'))).flat(),
    );
    assert.ok(verdicts.filter(({ allowed }) => allowed).length <= 20);
    assert.ok(verdicts.filter(({ allowed }) => allowed).length >= 15, 'nor much less in a race');
    for (let index = 0; index < 20; index += 1) await limits[0]?.take('other');
    const refused = await limits[1]?.take('other');
    assert.equal(refused?.allowed, false);
    assert.equal(refused?.remaining, 0);
    assert.ok((refused?.retryAfterMs ?? 0) > 0);
    assert.equal((await limits[0]?.take('third', 20))?.remaining, 0);
  });

  test('a token bucket allows exactly its capacity at once, and fills evenly', async () => {
    const [a, b] = fresh();
    const buckets = [a, b].map((state) => tokenBucket(state, 'api', { capacity: 10, per: '1h' }));
    const verdicts = await Promise.all(
      Array.from({ length: 15 }, () => buckets.map((bucket) => bucket.take('client'))).flat(),
    );
    assert.equal(verdicts.filter(({ allowed }) => allowed).length, 10);
    const refused = await buckets[0]?.take('client');
    assert.ok(
      refused?.allowed === false && refused.retryAfterMs > 300_000 && refused.retryAfterMs <= 360_000,
    );
    const quick = tokenBucket(a, 'quick', { capacity: 2, refill: 1, per: 40 });
    await quick.take('client', 2);
    const wait = await quick.take('client');
    assert.equal(wait.allowed, false);
    await until('a token is back', async () => (await quick.take('client')).allowed);
    await rejectsWith('E_BAD_VALUE', quick.take('client', 3));
    await rejectsWith('E_BAD_VALUE', quick.take('client', 0));
  });
};

const elections = (fresh: Fresh): void => {
  test('one leads; when it stands down, or hangs, another does', async (t: TestContext) => {
    const [a, b] = fresh();
    const events: string[] = [];
    const run = (state: State, who: string) =>
      elect(state, 'jobs', {
        ttl: 300,
        onElected: ({ token }) => events.push(`${who} ${token > 0}`),
        onLost: () => events.push(`${who} lost`),
      });
    const first = run(a, 'first');
    await until('the first leads', () => first.isLeader);
    const second = run(b, 'second');
    t.after(() => Promise.all([first.close(), second.close()]));
    await delay(150);
    assert.equal(second.isLeader, false);
    assert.equal(second.token, undefined);
    const token = first.token ?? 0;
    await first.close();
    await until('the second leads', () => second.isLeader);
    assert.ok((second.token ?? 0) > token);
    // As if its process hung until the lock expired and was taken.
    await a.namespace('leader').namespace('lock').set('jobs', 'usurper', { ttl: 200 });
    await until('the second notices', () => events.includes('second lost'));
    await until('and is elected again', () => second.isLeader);
    assert.deepEqual(events, ['first true', 'second true', 'second lost', 'second true']);
  });
};

const caches = (fresh: Fresh): void => {
  test('however many ask, in however many processes, a value is made once', async () => {
    const [a, b] = fresh();
    const caches = [a, b].map((state) => cache(state, 'pages', { ttl: '1h' }));
    let made = 0;
    const load = async (): Promise<{ html: string }> => {
      made += 1;
      await delay(50);
      return { html: 'page' };
    };
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => caches.map((one) => one.get('home', load))).flat(),
    );
    assert.equal(made, 1);
    assert.deepEqual(new Set(pages.map(({ html }) => html)), new Set(['page']));
    assert.deepEqual(await caches[1]?.get('home', load), { html: 'page' });
    assert.equal(made, 1);
    assert.equal(
      caches.reduce((sum, one) => sum + one.stats().loads, 0),
      1,
    );
  });

  test('tags end what has them, and only that', async () => {
    const [a, b] = fresh();
    const [x, y] = [cache(a, 'users', { ttl: '1h' }), cache(b, 'users', { ttl: '1h' })];
    let made = 0;
    const load = (): number => (made += 1);
    await x.get('1', load, { tags: ['users', 'user:1'] });
    await x.get('2', load, { tags: ['users', 'user:2'] });
    await y.invalidate('user:1');
    assert.equal(await x.get('1', load, { tags: ['users', 'user:1'] }), 3);
    assert.equal(await x.get('2', load), 2);
    await y.invalidate('users');
    assert.equal(await x.get('2', load), 4);
    await y.delete('2');
    assert.equal(await x.get('2', load), 5);
  });

  test('what is invalidated while it is made is not kept', async () => {
    const [a] = fresh();
    const values = cache(a, 'race', { ttl: '1h' });
    const old = await values.get(
      'key',
      async () => {
        await values.invalidate('tag');
        return 'old';
      },
      { tags: ['tag'] },
    );
    assert.equal(old, 'old');
    assert.equal(await values.get('key', () => 'new', { tags: ['tag'] }), 'new');
  });

  test('a stale value is given out while one is made anew, and kept when that fails', async () => {
    const [a] = fresh();
    const values = cache(a, 'stale', { ttl: 30, stale: '1h' });
    let made = 0;
    await values.get('key', () => (made += 1));
    await delay(40);
    const failing = (): never => {
      made += 10;
      throw new Error('the source is away');
    };
    assert.equal(await values.get('key', failing), 1);
    await until('it was tried', () => made > 10);
    assert.equal(await values.get('key', () => (made = 2)), 1);
    await until('the new one is there', async () => (await values.get('key', () => 2)) === 2);
    assert.ok(values.stats().staleHits >= 2);
  });

  test('what cannot be made fails for all who wait, and is tried again by the next', async () => {
    const [a] = fresh();
    const values = cache(a, 'failing', { ttl: '1h' });
    const fail = (): never => {
      throw new Error('the source is away');
    };
    const results = await Promise.allSettled([values.get('key', fail), values.get('key', fail)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await values.get('key', () => 'well'), 'well');
  });
};
