import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BreakerRule } from '../../../src/resilience/rules.ts';
import { consecutive, ratio, sampling } from '../../../src/resilience/rules.ts';

/** `F` a failure, `.` a success. Returns after which call it opened, undefined if it did not. */
const opensAfter = (rule: BreakerRule, calls: string): number | undefined => {
  const count = rule.start();
  for (const [nth, call] of calls.split('').entries()) {
    if (call === '.') count.success();
    else if (count.failure()) return nth + 1;
  }
  return undefined;
};

const cases: readonly (readonly [name: string, BreakerRule, calls: string, opens: number | undefined])[] = [
  ['consecutive: in a row', consecutive(3), 'FFF', 3],
  ['consecutive: a success begins anew', consecutive(3), 'FF.FF.FFF', 9],
  ['consecutive: one is enough', consecutive(1), '.F', 2],
  ['ratio: more than the share of the last calls', ratio({ failures: 0.5, of: 4 }), '..FFF', 5],
  ['ratio: the share itself does not', ratio({ failures: 0.5, of: 4 }), '..FF..FF', undefined],
  ['ratio: not before the window is full', ratio({ failures: 0.5, of: 4 }), 'FFF', undefined],
  ['ratio: atLeast comes sooner', ratio({ failures: 0.5, of: 10, atLeast: 3 }), 'FFF', 3],
];

for (const [name, rule, calls, opens] of cases)
  test(name, () => assert.equal(opensAfter(rule, calls), opens));

test('each start counts anew', () => {
  const rule = consecutive(2);
  assert.equal(opensAfter(rule, 'F'), undefined);
  assert.equal(opensAfter(rule, 'F'), undefined);
});

test('sampling: a share of the calls of the last seconds, above a least rate', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const rule = sampling({ failures: 0.5, over: '10s', minimumPerSecond: 1 });
  const count = rule.start();
  let opened = false;
  for (let nth = 0; nth < 9; nth += 1) opened ||= count.failure();
  assert.equal(opened, false, 'fewer than one per second');
  assert.equal(count.failure(), true);
});

test('sampling: failures from before a quiet time are forgotten', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const count = sampling({ failures: 0.5, over: '10s', minimumPerSecond: 1 }).start();
  for (let nth = 0; nth < 9; nth += 1) count.failure();
  t.mock.timers.tick(3_600_000);
  assert.equal(count.failure(), false);
  for (let nth = 0; nth < 8; nth += 1) assert.equal(count.failure(), false);
  assert.equal(count.failure(), true);
});

test('options that make no sense are named', () => {
  const bad = { code: 'E_BAD_VALUE' };
  assert.throws(() => consecutive(0), bad);
  assert.throws(() => consecutive(1.5), bad);
  assert.throws(() => ratio({ failures: 1, of: 10 }), bad);
  assert.throws(() => ratio({ failures: 0.5, of: 0 }), bad);
  assert.throws(() => ratio({ failures: 0.5, of: 5, atLeast: 6 }), bad);
  assert.throws(() => sampling({ failures: 0, over: '10s' }), bad);
  assert.throws(() => sampling({ failures: 0.5, over: 0 }), bad);
  assert.throws(() => sampling({ failures: 0.5, over: '1s', minimumPerSecond: -1 }), bad);
});
