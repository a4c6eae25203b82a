import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomChoice } from '../../../../src/balancer/policies/random.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

const vectors: readonly (readonly [random: number, picked: string])[] = [
  [0, 'a'],
  [0.249, 'a'],
  [0.25, 'c'],
  [0.749, 'c'],
  [0.75, 'd'],
  [1 - 2 ** -53, 'd'],
];
for (const [random, expected] of vectors)
  test(`${random} → ${expected}`, () => {
    const pool = [newUpstream('a', 1), newUpstream('b', 0), newUpstream('c', 2), newUpstream('d', 1)];
    assert.equal(randomChoice(() => random).pick(pool, '')?.id, expected);
  });
