import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from '../../../../src/balancer/pool/create-pool.ts';
import type { MemberSnapshot } from '../../../../src/protocol/balance.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../support/fake-pool.ts';

const one = { maxInFlight: 1 };

test('first come, first served, at once', () => {
  const pool = createPool(snapshotOf(['a'], one), undefined, fakeTools());
  const [first, second, third] = [ask(pool), ask(pool), ask(pool)] as const;
  assert.deepEqual([first.upstream?.id, second.upstream, third.upstream], ['a', undefined, undefined]);
  end(pool, first);
  assert.deepEqual([second.upstream?.id, third.upstream], ['a', undefined]);
  end(pool, second);
  assert.equal(third.upstream?.id, 'a');
  end(pool, third);
  assert.equal(pool.report()[0]?.inFlight, 0);
});

test('who waits too long is refused, and nobody else', () => {
  const tools = fakeTools();
  const pool = createPool(
    snapshotOf(['a'], { ...one, queue: { size: 9, timeoutMs: 5_000 } }),
    undefined,
    tools,
  );
  const holder = ask(pool);
  const first = ask(pool);
  tools.clock.pass(3_000);
  const second = ask(pool);
  assert.equal(tools.clock.pending(), 1, 'one timer for all');
  tools.clock.pass(2_000);
  assert.deepEqual(first.refused, { status: 503, why: 'queue-timeout', retryAfterS: 5 });
  assert.equal(second.refused, undefined);
  end(pool, holder);
  assert.equal(second.upstream?.id, 'a');
  assert.equal(tools.clock.pending(), 0);
});

test('a full queue refuses at once', () => {
  const pool = createPool(
    snapshotOf(['a'], { ...one, queue: { size: 1, timeoutMs: 5_000 } }),
    undefined,
    fakeTools(),
  );
  ask(pool);
  ask(pool);
  assert.deepEqual(ask(pool).refused, { status: 503, why: 'queue-full', retryAfterS: 1 });
  assert.equal(pool.queued, 1);
});

test('a client that leaves leaves the queue', () => {
  const tools = fakeTools();
  const pool = createPool(snapshotOf(['a'], one), undefined, tools);
  const holder = ask(pool);
  const gone = ask(pool);
  const stays = ask(pool);
  pool.cancel(gone);
  pool.cancel(gone);
  end(pool, holder);
  assert.equal(stays.upstream?.id, 'a');
  assert.deepEqual([gone.upstream, gone.refused], [undefined, undefined]);
  assert.deepEqual([pool.queued, tools.clock.pending()], [0, 0]);
});

test('all workers are down and more are expected: requests wait for the first one', () => {
  const tools = fakeTools();
  const workers = snapshotOf([memberOf('a', { slot: 0 })], {}, { expected: true });
  const before = createPool(workers, undefined, tools);
  const restarting = createPool(snapshotOf([], {}, { expected: true }), before, tools);
  const waiting = [ask(restarting), ask(restarting)];
  assert.equal(restarting.queued, 2);
  createPool(snapshotOf([memberOf('b', { slot: 0 })]), restarting, tools);
  assert.deepEqual(
    waiting.map(({ upstream }) => upstream?.id),
    ['b', 'b'],
  );
});

test('nobody is expected any more: those who wait are told', () => {
  const tools = fakeTools();
  const before = createPool(snapshotOf([], {}, { expected: true }), undefined, tools);
  const waiting = ask(before);
  createPool(snapshotOf([]), before, tools);
  assert.equal(waiting.refused?.why, 'no-upstream');
});

test('more room by a new snapshot serves the queue', () => {
  const tools = fakeTools();
  const before = createPool(snapshotOf(['a'], one), undefined, tools);
  ask(before);
  const waiting = ask(before);
  createPool(snapshotOf(['a'], { maxInFlight: 2 }), before, tools);
  assert.equal(waiting.upstream?.id, 'a');
});

test('a pool that is closed has nobody waiting', () => {
  const tools = fakeTools();
  const pool = createPool(snapshotOf(['a'], one), undefined, tools);
  const holder = ask(pool);
  const waiting = ask(pool);
  pool.close();
  assert.equal(waiting.refused?.why, 'no-upstream');
  assert.deepEqual(tools.wentAway, ['a']);
  end(pool, holder);
  assert.equal(holder.upstream?.inFlight, 0);
  assert.equal(tools.clock.pending(), 0);
});

test('who ends its request while it is served another lets the next one in', () => {
  const pool = createPool(snapshotOf(['a'], one), undefined, fakeTools());
  const holder = ask(pool);
  const served: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    const waiter = {
      asking: holder.asking,
      tried: [],
      onUpstream: (upstream: NonNullable<typeof holder.upstream>) => {
        served.push(name);
        pool.release(upstream);
      },
      onRefused: () => assert.fail(),
    };
    assert.equal(pool.take(waiter), undefined);
  }
  end(pool, holder);
  assert.deepEqual(served, ['first', 'second', 'third']);
  assert.equal(pool.report()[0]?.inFlight, 0);
});

test('a worker that broke off is asked again after a moment, when nobody else has come', () => {
  const tools = fakeTools();
  const worker = (id: string): MemberSnapshot => memberOf(id, { slot: 0 });
  const pool = createPool(snapshotOf([worker('a')], {}, { expected: true }), undefined, tools);
  const first = ask(pool);
  pool.observe(first.upstream!, 'closed', 1);
  end(pool, first);
  const [patient, served] = [ask(pool, {}, [first.upstream!]), ask(pool)];
  assert.deepEqual([patient.upstream, served.upstream?.id], [undefined, 'a']);
  tools.clock.pass(100);
  assert.equal(patient.upstream?.id, 'a');
  const other = ask(pool, {}, [first.upstream!]);
  createPool(snapshotOf([worker('a'), memberOf('b', { slot: 1 })]), pool, tools);
  assert.equal(other.upstream?.id, 'b', 'at once');
  assert.equal(tools.clock.pending(), 0);
});
