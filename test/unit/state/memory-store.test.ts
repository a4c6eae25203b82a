import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RawChange } from '../../../src/state/engine.ts';
import { Expiry } from '../../../src/state/engines/memory/expiry.ts';
import { MemoryStore } from '../../../src/state/engines/memory/store.ts';

const storeOf = (maxBytes: number) => {
  const changes: RawChange[] = [];
  const clock = { now: 1_000_000 };
  const store = new MemoryStore({
    maxBytes,
    now: () => clock.now,
    onChange: (change) => changes.push(change),
  });
  return { store, changes, clock };
};

test('above its memory the least recently used goes, and is counted and told', () => {
  const { store, changes } = storeOf(3 * 300);
  for (const key of ['a', 'b', 'c']) store.set(key, '"x"', null);
  store.get('a');
  store.set('d', '"x"', null);
  assert.deepEqual(store.keys('').toSorted(), ['a', 'c', 'd']);
  assert.equal(store.stats().evictions, 1);
  const gone = changes.filter(({ type }) => type === 'delete');
  assert.deepEqual(
    gone.map((change) => change.type === 'delete' && [change.key, change.reason]),
    [['b', 'evicted']],
  );
});

test('what cannot fit at all is refused, and nothing is evicted for it', () => {
  const { store } = storeOf(500);
  store.set('a', '1', null);
  assert.throws(() => store.set('b', `"${'x'.repeat(500)}"`, null), { code: 'E_STATE_TOO_LARGE' });
  assert.deepEqual(store.keys(''), ['a']);
});

test('bytes are those of what is there, through every way in and out', () => {
  const { store, clock } = storeOf(1_000_000);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ü'), fc.nat(6), fc.string()), { maxLength: 50 }),
      (steps) => {
        for (const [key, what, text] of steps) {
          if (what === 0) store.delete(key);
          else if (what === 1) store.expire(key, 10);
          else if (what === 2) clock.now += 20;
          else if (what === 3) store.compareAndSet(key, store.get(key)?.version ?? 0, null, null);
          else store.set(key, text, what === 4 ? 15 : null);
        }
        // A reader puts away what is over.
        for (const key of ['a', 'b', 'ü']) store.get(key);
        const expected = store
          .keys('')
          .reduce(
            (sum, key) => sum + Buffer.byteLength(key) + Buffer.byteLength(store.get(key)?.text ?? '') + 256,
            0,
          );
        assert.equal(store.stats().bytes, expected);
      },
    ),
  );
  store.clear();
});

test('versions grow although the clock goes back', () => {
  const { store, clock } = storeOf(10_000);
  const first = store.set('a', '1', null);
  clock.now -= 500_000;
  store.delete('a');
  assert.ok(store.set('a', '1', null) > first);
});

test('a reader never sees an expired entry, however late the timer is', () => {
  const { store, clock } = storeOf(10_000);
  store.set('a', '5', 100);
  clock.now += 99;
  assert.notEqual(store.get('a'), null);
  clock.now += 1;
  assert.equal(store.get('a'), null);
  store.set('b', '5', 100);
  clock.now += 100;
  assert.equal(store.increment('b', 1, null), 1);
  assert.deepEqual(store.keys(''), ['b']);
});

test('one timer serves all appointments, in order', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const due: string[] = [];
  const expiry = new Expiry(Date.now, (key) => due.push(key));
  const order = [50, 10, 40, 10, 30, 20, 60];
  for (const at of order) expiry.add(String(at), at);
  t.mock.timers.tick(45);
  assert.deepEqual(due, ['10', '10', '20', '30', '40']);
  expiry.add('5', 46);
  t.mock.timers.tick(5);
  assert.deepEqual(due.slice(5), ['5', '50']);
  // Longer than setTimeout can: it must not fire at once.
  expiry.rebuild([{ key: 'far', at: 40 * 86_400_000 }]);
  t.mock.timers.tick(1000);
  assert.equal(due.length, 7);
  expiry.clear();
});

test('very many that expire at once go in several turns, and a reader sees none of them', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let told = 0;
  const store = new MemoryStore({
    maxBytes: 100_000_000,
    onChange: ({ type }) => (told += +(type === 'delete')),
  });
  for (let index = 0; index < 5_000; index += 1) store.set(`k${index}`, '1', 100);
  t.mock.timers.tick(100);
  assert.ok(told > 0 && told < 2_000, `${told} in the first turn`);
  assert.deepEqual([store.get('k4999'), store.keys('')], [null, []]);
  for (let turn = 0; turn < 10; turn += 1) t.mock.timers.tick(1);
  assert.deepEqual([told, store.size], [5_000, 0]);
  store.clear();
});

test('an entry that is touched again and again does not pile up appointments', () => {
  const store = new MemoryStore({ maxBytes: 10_000, onChange: () => {} });
  store.set('a', '1', 60_000);
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < 200_000; round += 1) store.expire('a', 60_000);
  assert.ok(process.memoryUsage().heapUsed - before < 30_000_000);
  store.clear();
});
