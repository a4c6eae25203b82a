import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Breaker } from '../../../../../src/balancer/pool/health/breaker.ts';
import { defaultPassiveHealth } from '../../../../../src/config/balance-defaults.ts';

const settings = {
  ...defaultPassiveHealth,
  failures: 3,
  ejectMs: 1_000,
  windowMs: 10_000,
  minimumRequests: 20,
};
const always = (): boolean => true;
const never = (): boolean => false;
const fail = (breaker: Breaker, now: number, times = 1): string[] =>
  Array.from({ length: times }, () => breaker.failed(now, settings, always));
const openFor = ({ state }: Breaker, now: number): number =>
  state.kind === 'open' ? state.until - now : NaN;

test('failures in a row open it; a success begins the count anew', () => {
  const breaker = new Breaker();
  assert.deepEqual(fail(breaker, 0, 2), ['same', 'same']);
  breaker.succeeded(0, settings);
  assert.deepEqual(fail(breaker, 0, 3), ['same', 'same', 'opened']);
  assert.deepEqual(breaker.state, { kind: 'open', why: 'failures', until: 1_000 });
  assert.deepEqual(fail(breaker, 5, 9), Array(9).fill('same'), 'what was under way says nothing new');
});

test('one request decides when the time is over', () => {
  for (const ok of [true, false]) {
    const breaker = new Breaker();
    fail(breaker, 0, 3);
    breaker.halfOpen();
    breaker.ask(true);
    assert.deepEqual(breaker.state, { kind: 'half-open', why: 'failures', asked: true });
    if (ok) assert.equal(breaker.succeeded(1_000, settings), true);
    else assert.equal(breaker.failed(1_000, settings, always), 'opened');
    assert.equal(breaker.state.kind, ok ? 'closed' : 'open');
  }
});

test('each opening in a row is longer, up to ten times; after a quiet window it is short again', () => {
  const breaker = new Breaker();
  const lengths: number[] = [];
  let now = 0;
  fail(breaker, now, 3);
  for (let time = 0; time < 12; time += 1) {
    const length = openFor(breaker, now);
    lengths.push(length);
    now += length;
    breaker.halfOpen();
    fail(breaker, now);
  }
  assert.deepEqual(
    lengths,
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10].map((times) => times * 1_000),
  );
  breaker.halfOpen();
  breaker.succeeded(now, settings);
  fail(breaker, now + 5_000, 3);
  assert.equal(openFor(breaker, now + 5_000), 10_000, 'it failed again soon');
  breaker.halfOpen();
  breaker.succeeded(now + 15_000, settings);
  fail(breaker, now + 30_000, 3);
  assert.equal(openFor(breaker, now + 30_000), 1_000);
});

test('a share of errors opens it too, from enough requests on, and old ones do not count', () => {
  const share = { ...settings, failures: 1_000, errorRate: 0.5 };
  const breaker = new Breaker();
  for (let at = 0; at < 9; at += 1) breaker.succeeded(0, share);
  const verdicts = Array.from({ length: 11 }, () => breaker.failed(1, share, always));
  assert.deepEqual(verdicts.indexOf('opened'), 10, 'at the twentieth request, eleven of twenty failed');
  const later = new Breaker();
  for (let at = 0; at < 19; at += 1) later.failed(0, share, always);
  assert.equal(later.failed(20_000, share, always), 'same');
});

test('it does not open when the pool cannot spare it, and closes then when it was half open', () => {
  const breaker = new Breaker();
  assert.equal(fail(breaker, 0, 2).at(-1), 'same');
  assert.equal(breaker.failed(0, settings, never), 'same');
  assert.equal(breaker.failed(0, settings, always), 'opened');
  breaker.halfOpen();
  assert.equal(breaker.failed(1_000, settings, never), 'closed');
});

test('refused: open at once, for a moment that grows to a second', () => {
  const breaker = new Breaker();
  const lengths: number[] = [];
  for (let time = 0; time < 6; time += 1) {
    assert.equal(breaker.refused(0), true);
    assert.equal(breaker.refused(0), false);
    lengths.push(openFor(breaker, 0));
    breaker.halfOpen();
  }
  assert.deepEqual(lengths, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(breaker.failed(0, settings, always), 'closed', 'an error is an answer: it is there');
  breaker.refused(0);
  assert.equal(openFor(breaker, 0), 100);
});
