import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expected } from '../../../../src/balancer/contract.ts';
import { TURN_MS, Watches } from '../../../../src/balancer/limits/watches.ts';
import { defaultFront } from '../../../../src/config/balance-defaults.ts';

const limits = {
  ...defaultFront.limits,
  headerTimeoutMs: 2_000,
  bodyTimeoutMs: 3_000,
  bodyBytesPerSecond: 100,
  keepAliveTimeoutMs: 5_000,
};

const setUp = () => {
  let now = 1_000;
  const watches = new Watches(
    () => limits,
    () => now,
  );
  const late: Expected[] = [];
  const pass = (ms: number, each?: () => void): void => {
    for (let gone = 0; gone < ms; gone += TURN_MS) {
      now += TURN_MS;
      watches.turn();
      each?.();
    }
  };
  return { watch: watches.watch((what) => late.push(what)), watches, late, pass };
};

test('nobody is late before the limit, and everybody within two turns of it', () => {
  const cases = [
    ['head', limits.headerTimeoutMs],
    ['next', limits.keepAliveTimeoutMs],
    ['body', limits.bodyTimeoutMs],
    ['take', limits.bodyTimeoutMs],
  ] as const;
  for (const [what, ms] of cases) {
    const { watch, late, pass } = setUp();
    watch.expect(what);
    pass(ms);
    assert.deepEqual(late, [], what);
    pass(2 * TURN_MS);
    assert.deepEqual(late, [what]);
    pass(60_000);
    assert.deepEqual(late, [what], 'told once');
    watch.end();
  }
});

test('what is expected may change, and nothing may be', () => {
  const { watch, late, pass } = setUp();
  watch.expect('head');
  pass(1_500);
  watch.expect('nothing');
  pass(60_000);
  watch.expect('head');
  pass(2_000);
  assert.deepEqual(late, []);
  watch.end();
});

test('a head that comes byte by byte is late all the same', () => {
  const { watch, late, pass } = setUp();
  watch.expect('head');
  pass(2_500, () => watch.moved(1));
  assert.deepEqual(late, ['head']);
  watch.end();
});

test('a body that keeps the least rate may last for ever', () => {
  const { watch, late, pass } = setUp();
  watch.expect('body');
  pass(600_000, () => watch.moved(25));
  assert.deepEqual(late, []);
  watch.end();
});

test('a body below the least rate is late though it moves', () => {
  const { watch, late, pass } = setUp();
  watch.expect('body');
  pass(3_000, () => watch.moved(5));
  assert.deepEqual(late, []);
  pass(2_000, () => watch.moved(5));
  assert.deepEqual(late, ['body']);
  watch.end();
});

test('a client that takes a little at a time is waited for', () => {
  const { watch, late, pass } = setUp();
  watch.expect('take');
  pass(60_000, () => watch.moved(1));
  assert.deepEqual(late, []);
  pass(4_000);
  assert.deepEqual(late, ['take']);
  watch.end();
});

test('who has ended is forgotten, and one that throws no others', () => {
  const { watch, watches } = setUp();
  assert.equal(watches.size, 1);
  watch.end();
  watch.end();
  assert.equal(watches.size, 0);
  watches.turn();
});
