import assert from 'node:assert/strict';
import { test } from 'node:test';
import { powerOfTwo } from '../../../../src/balancer/policies/power-of-two.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

/** In the pool a, b, c of weights 1, 2, 1 with 5, 8 and 1 in flight. */
const vectors: readonly (readonly [name: string, first: number, second: number, picked: string])[] = [
  ['a and b: 5 for 1 is more than 8 for 2', 0, 0, 'b'],
  ['a and c', 0, 0.9, 'c'],
  ['b and a, drawn without b: 8 for 2 is less', 0.3, 0, 'b'],
  ['b and c', 0.3, 0.9, 'c'],
  ['c and a', 0.9, 0, 'c'],
  ['the last there is', 0.999_999_999, 0.999_999_999, 'c'],
];
for (const [name, first, second, expected] of vectors)
  test(name, () => {
    const pool = [newUpstream('a', 1), newUpstream('b', 2), newUpstream('c', 1)];
    for (const [index, inFlight] of [5, 8, 1].entries()) Object.assign(pool[index] ?? {}, { inFlight });
    const drawn = [first, second];
    assert.equal(powerOfTwo(() => drawn.shift() ?? 0).pick(pool, '')?.id, expected);
  });

test('the two are never the same: the most loaded one of all gets nothing', () => {
  const pool = ['a', 'b', 'c', 'd'].map((id) => newUpstream(id));
  Object.assign(pool[2] ?? {}, { inFlight: 9 });
  const policy = powerOfTwo(Math.random);
  for (let pick = 0; pick < 1_000; pick += 1) assert.notEqual(policy.pick(pool, '')?.id, 'c');
});
