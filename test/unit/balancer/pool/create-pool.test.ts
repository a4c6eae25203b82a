import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from '../../../../src/balancer/pool/create-pool.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../support/fake-pool.ts';

test('5, 1, 1 is a a b a c a a, also through the pool', () => {
  const tools = fakeTools();
  const members = [memberOf('a', { weight: 5 }), memberOf('b'), memberOf('c')];
  const snapshot = snapshotOf(members, { policy: { name: 'round-robin' } });
  const pool = createPool(snapshot, undefined, tools);
  const served = Array.from({ length: 14 }, () => ask(pool).upstream?.id);
  assert.equal(served.join(' '), 'a a b a c a a a a b a c a a');
});

test('the weight of a member is whole: those of the settings are in it already', () => {
  const members = [memberOf('x', { weight: 5 }), memberOf('y')];
  const pool = createPool(snapshotOf(members, { weights: [5, 1] }), undefined, fakeTools());
  assert.deepEqual(
    pool.report().map(({ weight }) => weight),
    [5, 1],
  );
});

test('a member stays the same object, with its counters, over snapshots and in any order', () => {
  const tools = fakeTools();
  const first = createPool(snapshotOf(['a', 'b']), undefined, tools);
  const request = ask(first);
  const second = createPool(snapshotOf(['c', 'b', 'a']), first, tools);
  assert.equal(second.report().find(({ id }) => id === request.upstream?.id)?.inFlight, 1);
  first.release(request.upstream!);
  assert.deepEqual(
    second.report().map(({ id, inFlight }) => [id, inFlight]),
    [
      ['c', 0],
      ['b', 0],
      ['a', 0],
    ],
  );
});

test('who is gone gets nothing new and ends what it has', () => {
  const tools = fakeTools();
  const first = createPool(snapshotOf(['a']), undefined, tools);
  const old = ask(first);
  const second = createPool(snapshotOf(['b']), first, tools);
  assert.deepEqual(tools.wentAway, ['a']);
  assert.equal(ask(second).upstream?.id, 'b');
  // A request that still has the pool of the old snapshot and tries again.
  assert.equal(ask(first, {}, [old.upstream!]).upstream?.id, 'b');
  end(first, old);
  assert.equal(old.upstream?.inFlight, 0);
});

test('a request that waits is served when somebody comes', () => {
  const tools = fakeTools();
  const empty = createPool(snapshotOf([], {}, { expected: true }), undefined, tools);
  const request = ask(empty);
  assert.equal(empty.queued, 1);
  const pool = createPool(snapshotOf(['a']), empty, tools);
  assert.equal(request.upstream?.id, 'a');
  assert.equal(pool.queued, 0);
  assert.equal(tools.clock.pending(), 0);
});

test('nobody and nobody expected: refused at once', () => {
  const pool = createPool(snapshotOf([]), undefined, fakeTools());
  assert.deepEqual(ask(pool).refused, { status: 503, why: 'no-upstream', retryAfterS: 5 });
});
