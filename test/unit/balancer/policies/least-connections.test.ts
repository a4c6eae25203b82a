import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastConnections } from '../../../../src/balancer/policies/least-connections.ts';
import type { Recovering } from '../../../../src/balancer/slow-start.ts';
import { applySlowStart } from '../../../../src/balancer/slow-start.ts';
import type { Upstream } from '../../../../src/balancer/upstream.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

const busy = (...loads: readonly (readonly [inFlight: number, weight: number])[]): Upstream[] =>
  loads.map(([inFlight, weight], index) => {
    const one = newUpstream('abcdef'[index] ?? '', weight);
    one.inFlight = inFlight;
    return one;
  });

const vectors: readonly (readonly [loads: readonly (readonly [number, number])[], order: string])[] = [
  [
    [
      [1, 1],
      [0, 1],
      [2, 1],
    ],
    'b',
  ],
  [
    [
      [3, 3],
      [2, 1],
    ],
    'a',
  ],
  [
    [
      [2, 3],
      [1, 1],
    ],
    'a',
  ],
  [
    [
      [1, 3],
      [1, 2],
      [1, 4],
    ],
    'c',
  ],
  // Nobody has anything: smooth rounds by weight.
  [
    [
      [0, 5],
      [0, 1],
      [0, 1],
    ],
    'a a b a c a a',
  ],
  // c has more and takes no part in the rounds of the tied.
  [
    [
      [1, 1],
      [1, 1],
      [2, 1],
    ],
    'a b a b',
  ],
  [
    [
      [2, 2],
      [1, 1],
      [9, 1],
    ],
    'a b a a b a',
  ],
];
for (const [loads, order] of vectors)
  test(`in flight/weight ${loads.map((load) => load.join('/')).join(', ')} → ${order}`, () => {
    const pool = busy(...loads);
    const picked = order.split(' ').map(() => leastConnections.pick(pool, '')?.id);
    assert.equal(picked.join(' '), order);
  });

test('thirds are tied with thirds: no quotient is rounded', () => {
  const pool = busy([1, 3], [2, 6], [3, 9]);
  const ids = new Set(Array.from({ length: 18 }, () => leastConnections.pick(pool, '')?.id));
  assert.equal(ids.size, 3);
});

test('with slow start a newcomer among busy ones gets few at first, not all', () => {
  const member = (id: string, recoveredAt: number, inFlight: number): Recovering => ({
    ...newUpstream(id),
    inFlight,
    fullWeight: 1,
    recoveredAt,
  });
  const pool = [member('a', -Infinity, 50), member('b', -Infinity, 50), member('new', 0, 0)];
  applySlowStart(pool, 30_000, 0);
  for (let request = 0; request < 60; request += 1) {
    const picked = leastConnections.pick(pool, '');
    if (picked !== undefined) picked.inFlight += 1;
  }
  assert.ok((pool[2]?.inFlight ?? 99) <= 9, `${pool[2]?.inFlight} of 60`);
});
