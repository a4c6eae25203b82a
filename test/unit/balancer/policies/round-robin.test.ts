import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { roundRobin } from '../../../../src/balancer/policies/round-robin.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

const rounds = (weights: readonly number[], picks: number): string => {
  const pool = weights.map((weight, index) => newUpstream('abcdef'[index] ?? '', weight));
  return Array.from({ length: picks }, () => roundRobin.pick(pool, '')?.id).join(' ');
};

const vectors: readonly (readonly [weights: readonly number[], order: string])[] = [
  [[5, 1, 1], 'a a b a c a a'],
  [[1, 1, 1], 'a b c a b c'],
  [[2, 1], 'a b a a b a'],
  [[4, 2, 1], 'a b a c a b a'],
  [[1, 0, 1], 'a c a c'],
];
for (const [weights, order] of vectors)
  test(`${weights.join(', ')} → ${order}`, () => {
    const picks = order.split(' ').length;
    assert.equal(rounds(weights, picks), order);
    assert.equal(rounds(weights, 3 * picks), [order, order, order].join(' '));
  });

test('a round of as many picks as the sum of the weights gives everybody exactly their weight', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 40 }), (weights) => {
      const pool = weights.map((weight, index) => newUpstream(String(index), weight));
      const counts = new Map(pool.map((one) => [one, 0]));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (let pick = 0; pick < total; pick += 1) {
        const picked = roundRobin.pick(pool, '');
        assert.ok(picked !== undefined);
        counts.set(picked, (counts.get(picked) ?? 0) + 1);
      }
      assert.deepEqual([...counts.values()], weights);
      assert.ok(pool.every(({ credit }) => credit === 0));
    }),
  );
});

test('one that joins late is served in its turn, not for what it missed', () => {
  const pool = [newUpstream('a'), newUpstream('b')];
  for (let pick = 0; pick < 1_001; pick += 1) roundRobin.pick(pool, '');
  const grown = [...pool, newUpstream('new')];
  const next = Array.from({ length: 6 }, () => roundRobin.pick(grown, '')?.id);
  assert.equal(next.filter((id) => id === 'new').length, 2);
});

test('weights that shrink leave no long silence behind', () => {
  const [heavy, light] = [newUpstream('heavy', 100), newUpstream('light', 100)];
  roundRobin.pick([heavy, light], '');
  heavy.weight = 1;
  light.weight = 1;
  const next = Array.from({ length: 30 }, () => roundRobin.pick([heavy, light], '')?.id);
  assert.ok(next.filter((id) => id === 'heavy').length >= 10);
});
