import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recovering } from '../../../src/balancer/slow-start.ts';
import { applySlowStart } from '../../../src/balancer/slow-start.ts';
import { newUpstream } from '../../../src/balancer/upstream.ts';

const WINDOW_MS = 30_000;
const member = (fullWeight: number, recoveredAt: number): Recovering => ({
  ...newUpstream('u'),
  fullWeight,
  recoveredAt,
});

const cases: readonly (readonly [
  name: string,
  now: number,
  members: readonly (readonly [fullWeight: number, recoveredAt: number])[],
  weights: readonly number[],
  goesOn: boolean,
])[] = [
  ['nobody', 0, [], [], false],
  [
    'at the balancer’s own start all have all',
    0,
    [
      [1, -Infinity],
      [5, -Infinity],
    ],
    [1, 5],
    false,
  ],
  [
    'one is back this very moment: a tenth',
    100,
    [
      [1, -Infinity],
      [10, 100],
    ],
    [1, 1],
    true,
  ],
  [
    'a twentieth of the window: still a tenth',
    1_500,
    [
      [1, -Infinity],
      [10, 0],
    ],
    [1, 1],
    true,
  ],
  [
    'half of the window: half',
    15_000,
    [
      [1, -Infinity],
      [10, 0],
    ],
    [1, 5],
    true,
  ],
  [
    'nearly all of it',
    29_700,
    [
      [1, -Infinity],
      [100, 0],
    ],
    [1, 99],
    true,
  ],
  [
    'the window is over',
    30_000,
    [
      [1, -Infinity],
      [10, 0],
    ],
    [1, 10],
    false,
  ],
  [
    'all came back: as configured',
    100,
    [
      [1, 0],
      [5, 50],
    ],
    [1, 5],
    true,
  ],
  ['the only one came back: it serves', 0, [[3, 0]], [3], true],
  [
    'the first of them is warm',
    30_000,
    [
      [1, 0],
      [1, 15_000],
    ],
    [1, 0.5],
    true,
  ],
  [
    'who has no weight gets none and warms nobody',
    10,
    [
      [0, -Infinity],
      [1, 0],
    ],
    [0, 1],
    true,
  ],
];
for (const [name, now, members, weights, goesOn] of cases)
  test(name, () => {
    const pool = members.map(([fullWeight, recoveredAt]) => member(fullWeight, recoveredAt));
    assert.equal(applySlowStart(pool, WINDOW_MS, now), goesOn);
    assert.deepEqual(
      pool.map(({ weight }) => Math.round(weight * 1e6) / 1e6),
      weights,
    );
  });

test('without a window everybody is warm at once', () => {
  const pool = [member(1, -Infinity), member(1, 5)];
  assert.equal(applySlowStart(pool, 0, 5), false);
  assert.equal(pool[1]?.weight, 1);
});
