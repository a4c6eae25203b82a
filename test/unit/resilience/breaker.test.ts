import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { SkeinError } from '../../../src/core/errors.ts';
import { breaker, type BreakerChange } from '../../../src/resilience/breaker.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { byHand, down, fails, fakeClock, ok, turn, withCode } from './support.ts';

const rule = consecutive(2);

/** One that is open since now. */
const opened = async (options: Parameters<typeof breaker>[1] = {}) => {
  const clock = fakeClock();
  const one = breaker('payments', { rule, openFor: 1_000, clock, ...options });
  await assert.rejects(one.run(fails), down);
  await assert.rejects(one.run(fails), down);
  assert.equal(one.state, 'open');
  return { one, clock };
};

test('closed it passes results and errors through; after the rule says so it refuses, with the failure as cause', async () => {
  const { one } = await opened();
  let called = false;
  await assert.rejects(
    one.run(() => (called = true)),
    withCode('E_BREAKER_OPEN', down),
  );
  assert.equal(called, false);
  const { successes, failures, refused, changes } = one.metrics();
  assert.deepEqual({ successes, failures, refused }, { successes: 0, failures: 2, refused: 1 });
  assert.deepEqual(changes, { closed: 0, open: 1, 'half-open': 0, isolated: 0 });
});

test('after the time is over one call tests, the others are refused until it is back', async () => {
  const { one, clock } = await opened();
  clock.advance(1_000);
  const probe = byHand();
  const testing = one.run(probe.call);
  assert.equal(one.state, 'half-open');
  await assert.rejects(one.run(ok), withCode('E_BREAKER_OPEN'));
  probe.resolve('back');
  assert.equal(await testing, 'back');
  assert.equal(one.state, 'closed');
  assert.equal(await one.run(ok), 'ok');
});

test('a test that fails opens it again, each time for longer, up to the limit', async () => {
  const { one, clock } = await opened({ maxOpenFor: 3_000 });
  for (const openForMs of [1_000, 2_000, 3_000, 3_000]) {
    clock.advance(openForMs - 1);
    await assert.rejects(one.run(ok), withCode('E_BREAKER_OPEN'));
    clock.advance(1);
    await assert.rejects(one.run(fails), down);
    assert.equal(one.state, 'open');
  }
});

test('a test that never ends is given up on, and what it says later does not count', async () => {
  const { one, clock } = await opened({ probeLimit: 5_000 });
  clock.advance(1_000);
  const lost = byHand();
  const first = one.run(lost.call);
  clock.advance(5_000);
  const second = byHand();
  const testing = one.run(second.call);
  lost.resolve('too late');
  await first;
  assert.equal(one.state, 'half-open');
  second.reject(down);
  await assert.rejects(testing, down);
  assert.equal(one.state, 'open');
});

test('a caller that gives up says nothing about the dependency, a timeout does', async () => {
  const one = breaker('b', { rule });
  const hangs = (): Promise<never> => new Promise(() => {});
  for (let nth = 0; nth < 5; nth += 1) {
    const controller = new AbortController();
    const call = one.run(hangs, { signal: controller.signal });
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });
  }
  assert.equal(one.state, 'closed');
  for (let nth = 0; nth < 2; nth += 1) {
    const controller = new AbortController();
    const call = one.run(hangs, { signal: controller.signal });
    controller.abort(new DOMException('slow', 'TimeoutError'));
    await assert.rejects(call, { name: 'TimeoutError' });
  }
  assert.equal(one.state, 'open');
});

test('a test whose caller gives up leaves the next call to test', async () => {
  const { one, clock } = await opened();
  clock.advance(1_000);
  const controller = new AbortController();
  const call = one.run(byHand().call, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { name: 'AbortError' });
  assert.equal(one.state, 'open');
  assert.equal(await one.run(ok), 'ok');
  assert.equal(one.state, 'closed');
});

test('an aborted signal makes no call', async () => {
  const one = breaker('b');
  await assert.rejects(
    one.run(() => assert.fail('called'), { signal: AbortSignal.abort() }),
    { name: 'AbortError' },
  );
});

test('errors and values that are failures are chosen', async () => {
  const one = breaker('b', {
    rule,
    failsOn: (error) => error === down,
    failsOnValue: (value) => value === 503,
  });
  const mistake = new Error('bad request');
  for (let nth = 0; nth < 5; nth += 1)
    await assert.rejects(
      one.run(() => Promise.reject(mistake)),
      mistake,
    );
  assert.equal(one.state, 'closed');
  assert.equal(await one.run(() => 503), 503);
  assert.equal(await one.run(() => 503), 503);
  assert.equal(one.state, 'open');
});

test('a refusal of a policy inside is no failure', async () => {
  const one = breaker('b', { rule });
  const full = new SkeinError('E_BULKHEAD_FULL');
  for (let nth = 0; nth < 5; nth += 1)
    await assert.rejects(
      one.run(() => Promise.reject(full)),
      full,
    );
  assert.equal(one.state, 'closed');
});

test('isolated it refuses with a code of its own until it is reset', async () => {
  const one = breaker('b');
  one.isolate();
  one.isolate();
  assert.equal(one.state, 'isolated');
  await assert.rejects(one.run(ok), withCode('E_BREAKER_ISOLATED'));
  one.reset();
  assert.equal(await one.run(ok), 'ok');
  assert.equal(one.metrics().changes.isolated, 1);
});

test('calls of an earlier closed period do not open it again', async () => {
  const one = breaker('b', { rule });
  const slow = [byHand(), byHand()];
  const old = slow.map(({ call }) => one.run(call));
  one.isolate();
  one.reset();
  for (const { reject } of slow) reject(down);
  await Promise.allSettled(old);
  assert.equal(one.state, 'closed');
});

test('every change is an event, and a listener that is gone hears none', async () => {
  const clock = fakeClock();
  const one = breaker('payments', { rule, openFor: 1_000, clock });
  const heard: BreakerChange[] = [];
  const stop = one.onChange((change) => heard.push(change));
  await assert.rejects(one.run(fails));
  await assert.rejects(one.run(fails));
  clock.advance(1_000);
  await one.run(ok);
  stop();
  one.isolate();
  const name = 'payments';
  assert.deepEqual(heard, [
    { name, from: 'closed', to: 'open', by: 'this', error: down },
    { name, from: 'open', to: 'half-open', by: 'this' },
    { name, from: 'half-open', to: 'closed', by: 'this' },
  ]);
});

test('a listener may close the breaker while it hears that it opened', async () => {
  const one = breaker('b', { rule: consecutive(1) });
  one.onChange(({ to }) => to === 'open' && one.reset());
  await assert.rejects(one.run(fails), down);
  assert.equal(one.state, 'closed');
});

test('many calls with one signal leave no listener on it', async () => {
  const { signal } = new AbortController();
  const one = breaker('b');
  await Promise.all(Array.from({ length: 50 }, () => one.run(ok, { signal })));
  await turn();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('options that make no sense are named', () => {
  const bad = { code: 'E_BAD_VALUE' };
  assert.throws(() => breaker('b', { openFor: 0 }), bad);
  assert.throws(() => breaker('b', { openFor: 'soon' as '1s' }), bad);
  assert.throws(() => breaker('b', { openFor: '10s', maxOpenFor: '1s' }), bad);
  assert.throws(() => breaker('b', { probeLimit: -1 }), bad);
});
