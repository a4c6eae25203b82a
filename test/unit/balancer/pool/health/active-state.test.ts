import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActiveState } from '../../../../../src/balancer/pool/health/active-state.ts';
import { isDown, nextActive, nextCheckMs } from '../../../../../src/balancer/pool/health/active-state.ts';

const settings = { fall: 3, rise: 2 };
/** `+` a success, `-` a failure; `U` up and `D` down after each. */
const run = (kind: 'trial' | 'waiting', checks: string): string => {
  let state: ActiveState = { kind };
  return checks
    .split('')
    .map((check) => {
      state = nextActive(state, check === '+', settings);
      return isDown(state) ? 'D' : 'U';
    })
    .join('');
};

for (const [kind, checks, after] of [
  ['trial', '+++', 'UUU'],
  ['trial', '-', 'D'],
  ['trial', '-++', 'DDU'],
  ['trial', '+--+--+', 'UUUUUUU'],
  ['trial', '+---', 'UUUD'],
  ['trial', '+---+-++', 'UUUDDDDU'],
  ['waiting', '---', 'DDD'],
  ['waiting', '--+', 'DDU'],
  ['waiting', '+---', 'UUUD'],
] as const)
  test(`${kind}, then ${checks}`, () => assert.equal(run(kind, checks), after));

test('who begins on trial serves until the first check, who came later does not', () => {
  assert.deepEqual([isDown({ kind: 'trial' }), isDown({ kind: 'waiting' })], [false, true]);
});

test('the rhythm: with jitter, faster while something is about to change, its beginning anywhere', () => {
  const up: ActiveState = { kind: 'up', failures: 0 };
  for (const random of [0, 0.5, 0.999]) {
    const steady = nextCheckMs(up, 2_000, false, () => random);
    assert.ok(steady >= 1_800 && steady <= 2_200);
    const first = nextCheckMs(up, 2_000, true, () => random);
    assert.ok(first >= 200 && first <= 2_000);
    for (const state of [
      { kind: 'up', failures: 1 },
      { kind: 'down', successes: 1 },
      { kind: 'waiting' },
    ] as const) {
      const fast = nextCheckMs(state, 2_000, true, () => random);
      assert.ok(fast >= 475 && fast <= 525);
    }
  }
  assert.notEqual(
    nextCheckMs(up, 2_000, true, () => 0),
    nextCheckMs(up, 2_000, true, () => 0.9),
  );
});
