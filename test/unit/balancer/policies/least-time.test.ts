import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastTime } from '../../../../src/balancer/policies/least-time.ts';
import type { Policy } from '../../../../src/balancer/policies/policy.ts';
import type { Upstream } from '../../../../src/balancer/upstream.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

interface Scene {
  readonly policy: Policy;
  readonly wait: (ms: number) => void;
  readonly pool: readonly Upstream[];
  readonly pick: () => string | undefined;
}

/** A pool whose members have answered once each, in these times; undefined: not yet. */
const scene = (...times: readonly (number | undefined)[]): Scene => {
  let now = 1_000;
  const policy = leastTime({ now: () => now });
  const pool = times.map((_, index) => newUpstream('abcdef'[index] ?? ''));
  for (const [index, one] of pool.entries())
    if (times[index] !== undefined) policy.observe?.(one, true, times[index]);
  return {
    policy,
    pool,
    wait: (ms) => {
      now += ms;
    },
    pick: () => policy.pick(pool, '')?.id,
  };
};
const ewma = ({ pool }: Scene, index: number): number => pool[index]?.timing.ewmaMs ?? NaN;

test('the fastest, until its requests in flight cost more than the slower ones', () => {
  const { pool, policy } = scene(10, 25, 100);
  const order = Array.from({ length: 6 }, () => {
    const picked = policy.pick(pool, '');
    if (picked !== undefined) picked.inFlight += 1;
    return picked?.id;
  });
  // 10, 20, (30 > 25), 30, 40, (50 = 50: the first).
  assert.equal(order.join(' '), 'a a b a a a');
});

test('a heavier one may be as many times slower', () => {
  const one = scene(30, 50);
  Object.assign(one.pool[1] ?? {}, { weight: 2 });
  assert.equal(one.pick(), 'b');
});

test('a slow answer counts at once and whole, fast ones win back trust with time', () => {
  const one = scene(10);
  const [a] = one.pool;
  assert.ok(a !== undefined);
  one.wait(100);
  one.policy.observe?.(a, true, 500);
  assert.equal(ewma(one, 0), 500);
  one.wait(10_000);
  one.policy.observe?.(a, true, 10);
  // 10 + 490/e
  assert.ok(Math.abs(ewma(one, 0) - 190.3) < 0.1, String(ewma(one, 0)));
});

test('who is new is taken for the median, and its first answer replaces the guess', () => {
  const one = scene(10, 20, 90, undefined);
  const newcomer = one.pool[3];
  assert.ok(newcomer !== undefined);
  assert.equal(one.pick(), 'a');
  assert.equal(newcomer.timing.ewmaMs, 20);
  one.policy.observe?.(newcomer, true, 4);
  assert.equal(newcomer.timing.ewmaMs, 4);
});

test('as long as nothing is known of anybody: fewest connections, in turn', () => {
  const one = scene(undefined, undefined, undefined);
  assert.deepEqual([one.pick(), one.pick(), one.pick(), one.pick()], ['a', 'b', 'c', 'a']);
  Object.assign(one.pool[1] ?? {}, { inFlight: 1 });
  assert.ok(!Array.from({ length: 9 }, () => one.pick()).includes('b'));
});

test('one that fails fast attracts nothing', () => {
  for (const known of [10, undefined]) {
    const one = scene(20, known, 20);
    const [, failing] = one.pool;
    assert.ok(failing !== undefined);
    for (let failure = 0; failure < 3; failure += 1) one.policy.observe?.(failing, false, 0.2);
    assert.ok(ewma(one, 1) >= 40, String(ewma(one, 1)));
    assert.notEqual(one.pick(), 'b');
  }
});

test('failures before anybody answered count as slow too', () => {
  const one = scene(undefined, undefined);
  const [failing] = one.pool;
  assert.ok(failing !== undefined);
  for (let failure = 0; failure < 2; failure += 1) one.policy.observe?.(failing, false, 0.1);
  assert.ok(ewma(one, 0) >= 1_000);
});

test('a failure never makes a slow one look faster, and failures have a limit', () => {
  const one = scene(8_000, 10);
  const [slow, failing] = one.pool;
  assert.ok(slow !== undefined && failing !== undefined);
  one.wait(60_000);
  one.policy.observe?.(slow, false, 1);
  assert.equal(ewma(one, 0), 8_000);
  for (let failure = 0; failure < 50; failure += 1) one.policy.observe?.(failing, false, 1);
  assert.equal(ewma(one, 1), 5_000);
});

test('a slow one is tried again after a while, by one request until it has answered', () => {
  const one = scene(10, 1_000);
  const [fast, slow] = one.pool;
  assert.ok(fast !== undefined && slow !== undefined);
  let tried = 0;
  let triedAfterMs = 0;
  for (let ms = 0; ms < 100_000 && tried === 0; ms += 100) {
    one.wait(100);
    if (one.pick() === 'b') {
      tried += 1;
      triedAfterMs = ms;
    } else one.policy.observe?.(fast, true, 10);
  }
  // 1,000 · e^(-t/10 s) = 10
  assert.ok(triedAfterMs > 40_000 && triedAfterMs < 50_000, `${triedAfterMs} ms`);
  slow.inFlight += 1;
  // Others that come meanwhile do not follow it, however busy the fast one is.
  fast.inFlight = 20;
  assert.equal(one.pick(), 'a');
  one.wait(900);
  slow.inFlight -= 1;
  one.policy.observe?.(slow, true, 10);
  assert.ok(ewma(one, 1) < 30, String(ewma(one, 1)));
});

test('an answer in no time is known, not unknown', () => {
  const one = scene(0, 5);
  assert.equal(one.pick(), 'a');
  assert.ok(ewma(one, 0) > 0);
});
