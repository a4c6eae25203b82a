import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hash } from '../../../../src/balancer/policies/hash.ts';
import type { Upstream } from '../../../../src/balancer/upstream.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

const keys = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
const pool = (count: number, weight = 1): Upstream[] =>
  Array.from({ length: count }, (_, index) => newUpstream(`worker-${index}`, weight));
const owners = (members: readonly Upstream[]): (string | undefined)[] =>
  keys.map((key) => hash().pick(members, key)?.id);
const movedShare = (
  before: readonly (string | undefined)[],
  after: readonly (string | undefined)[],
): number => before.filter((owner, index) => owner !== after[index]).length / before.length;

test('keys are spread evenly', () => {
  for (const count of [2, 4, 16]) {
    const counts = new Map<string | undefined, number>();
    for (const owner of owners(pool(count))) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const exact = keys.length / count;
    for (const share of counts.values())
      assert.ok(Math.abs(share - exact) < exact * 0.12, `${share} of ${exact}`);
    assert.equal(counts.size, count);
  }
});

test('keys are spread by weight', () => {
  const members = [newUpstream('a', 1), newUpstream('b', 3)];
  const heavy = keys.filter((key) => hash(100).pick(members, key)?.id === 'b').length;
  assert.ok(Math.abs(heavy / keys.length - 0.75) < 0.02, String(heavy / keys.length));
});

test('the order of upstreams does not matter, only who they are', () => {
  assert.deepEqual(owners(pool(5)), owners(pool(5).toReversed()));
});

test('one comes: its share of the keys moves, and only to it', () => {
  const before = owners(pool(4));
  const after = owners(pool(5));
  assert.ok(Math.abs(movedShare(before, after) - 1 / 5) < 0.02, String(movedShare(before, after)));
  assert.ok(after.every((owner, index) => owner === before[index] || owner === 'worker-4'));
});

test('one goes: only its keys move, to all others alike', () => {
  const before = owners(pool(5));
  const rest = pool(5).filter(({ id }) => id !== 'worker-2');
  const after = owners(rest);
  assert.ok(Math.abs(movedShare(before, after) - 1 / 5) < 0.02);
  assert.ok(before.every((owner, index) => owner === 'worker-2' || owner === after[index]));
  const heirs = after.filter((_, index) => before[index] === 'worker-2');
  for (const { id } of rest) {
    const share = heirs.filter((owner) => owner === id).length / heirs.length;
    assert.ok(Math.abs(share - 1 / 4) < 0.05, `${id} ${share}`);
  }
});

test('a weight that changes moves keys only to or from its upstream, also from equal to unequal', () => {
  const before = owners(pool(4, 2));
  const lighter = pool(4, 2);
  Object.assign(lighter[1] ?? {}, { weight: 1 });
  const after = owners(lighter);
  assert.ok(before.every((owner, index) => owner === after[index] || owner === 'worker-1'));
  // 1/4 of the keys before, 1/7 after.
  assert.ok(Math.abs(movedShare(before, after) - (1 / 4 - 1 / 7)) < 0.02, String(movedShare(before, after)));
});

test('nobody has more than 1.25 times their share in flight, even of one key alone', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.constantFrom('hot', 'warm', 'cold'), { minLength: 1, maxLength: 300 }),
      (weights, requests) => {
        const members = weights.map((weight, index) => newUpstream(`u${index}`, weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [index, key] of requests.entries()) {
          const picked = hash().pick(members, key);
          assert.ok(picked !== undefined);
          picked.inFlight += 1;
          const share = ((index + 1) * picked.weight) / total;
          assert.ok(picked.inFlight <= Math.ceil(1.25 * share));
        }
      },
    ),
  );
});

test('who is passed over for its load gets its keys back', () => {
  const members = pool(3);
  const owner = hash().pick(members, 'k');
  assert.ok(owner !== undefined);
  owner.inFlight = 50;
  assert.notEqual(hash().pick(members, 'k'), owner);
  owner.inFlight = 0;
  assert.equal(hash().pick(members, 'k'), owner);
});

test('an empty key: weighted round-robin', () => {
  const members = [newUpstream('a', 5), newUpstream('b', 1), newUpstream('c', 1)];
  assert.equal(Array.from({ length: 7 }, () => hash().pick(members, '')?.id).join(' '), 'a a b a c a a');
});

test('owners of keys are the same in every version: machines agree while they are upgraded', () => {
  assert.deepEqual(
    ['alice', 'bob', 'carol', 'Zoë', '客'].map((key) => hash().pick(pool(4), key)?.id),
    ['worker-3', 'worker-0', 'worker-1', 'worker-0', 'worker-1'],
  );
});
