import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { bulkhead } from '../../../src/resilience/bulkhead.ts';
import { breaker } from '../../../src/resilience/breaker.ts';
import { compose } from '../../../src/resilience/compose.ts';
import { fallback } from '../../../src/resilience/fallback.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { timeout } from '../../../src/resilience/timeout.ts';
import { byHand, down, fails, ok, turn, withCode } from './support.ts';

const hangs = (): Promise<never> => new Promise(() => {});

test('timeout: passes results and errors through', async () => {
  const limit = timeout('1s');
  assert.equal(await limit.run(ok), 'ok');
  await assert.rejects(limit.run(fails), down);
  await assert.rejects(
    limit.run(() => {
      throw down;
    }),
    down,
  );
  assert.deepEqual(limit.metrics(), { timedOut: 0 });
});

test('timeout: rejects at the limit, and the call sees why its signal is aborted', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const limit = timeout('1s', { name: 'payments' });
  let seen: AbortSignal | undefined;
  const call = limit.run(({ signal }) => {
    seen = signal;
    return hangs();
  });
  t.mock.timers.tick(999);
  assert.equal(seen?.aborted, false);
  t.mock.timers.tick(1);
  await assert.rejects(call, withCode('E_CALL_TIMEOUT'));
  withCode('E_CALL_TIMEOUT')(seen?.reason);
  assert.deepEqual(limit.metrics(), { timedOut: 1 });
});

test('timeout: a caller that gives up is not a timeout', async () => {
  const limit = timeout('1h');
  const controller = new AbortController();
  let seen: AbortSignal | undefined;
  const call = limit.run(
    ({ signal }) => {
      seen = signal;
      return hangs();
    },
    { signal: controller.signal },
  );
  const reason = new Error('client went away');
  controller.abort(reason);
  await assert.rejects(call, reason);
  assert.equal(seen?.reason, reason);
  assert.deepEqual(limit.metrics(), { timedOut: 0 });
});

test('timeout: what the call handed out is not aborted after it returned', async () => {
  const signal = await timeout('1h').run((context) => context.signal);
  await turn();
  assert.equal(signal.aborted, false);
});

test('bulkhead: so many at once, so many wait in their order, the next is refused', async () => {
  const limit = bulkhead({ limit: 2, queue: 2, name: 'database' });
  const calls = Array.from({ length: 4 }, () => byHand());
  const began: number[] = [];
  const running = calls.map(({ call }, nth) =>
    limit.run(() => {
      began.push(nth);
      return call();
    }),
  );
  await turn();
  assert.deepEqual(began, [0, 1]);
  assert.deepEqual(limit.metrics(), { running: 2, waiting: 2, refused: 0 });
  await assert.rejects(limit.run(ok), withCode('E_BULKHEAD_FULL'));
  calls[1]?.reject(down);
  await assert.rejects(running[1] ?? ok(), down);
  await turn();
  assert.deepEqual(began, [0, 1, 2]);
  for (const { resolve } of calls) resolve('done');
  await Promise.allSettled(running);
  assert.deepEqual(limit.metrics(), { running: 0, waiting: 0, refused: 1 });
});

test('bulkhead: who gives up while waiting leaves its place to another at once', async () => {
  const limit = bulkhead({ limit: 1, queue: 1 });
  const first = byHand();
  const running = limit.run(first.call);
  const controller = new AbortController();
  const waiting = limit.run(() => assert.fail('called'), { signal: controller.signal });
  await turn();
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  const other = limit.run(ok);
  first.resolve('done');
  assert.deepEqual(await Promise.all([running, other]), ['done', 'ok']);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('bulkhead: a call that runs on after its caller gave up keeps its place', async () => {
  const limit = bulkhead({ limit: 1 });
  const first = byHand();
  const controller = new AbortController();
  const running = limit.run(first.call, { signal: controller.signal });
  await turn();
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  await assert.rejects(limit.run(ok), withCode('E_BULKHEAD_FULL'));
  first.resolve('done');
  await turn();
  assert.equal(await limit.run(ok), 'ok');
});

test('bulkhead: a call that throws gives its place back', async () => {
  const limit = bulkhead({ limit: 1 });
  const throws = (): never => {
    throw down;
  };
  await assert.rejects(limit.run(throws), down);
  assert.equal(await limit.run(ok), 'ok');
});

test('fallback: answers with the error in hand, only for the errors it is for', async () => {
  const answers = fallback((error) => `stale, because ${(error as Error).message}`, {
    on: (error) => error === down,
  });
  assert.equal(await answers.run(fails), 'stale, because connection refused');
  assert.equal(await answers.run(ok), 'ok');
  const other = new Error('other');
  await assert.rejects(
    answers.run(() => Promise.reject(other)),
    other,
  );
  assert.deepEqual(answers.metrics(), { used: 1 });
});

test('fallback: what the alternative throws is thrown; who gave up gets no alternative', async () => {
  const worse = new Error('cache is empty');
  const answers = fallback(() => {
    throw worse;
  });
  await assert.rejects(answers.run(fails), worse);
  const controller = new AbortController();
  const call = answers.run(hangs, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { name: 'AbortError' });
});

test('compose: the first is the outermost, and each passes the signal and the attempt on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const guard = breaker('b', { rule: consecutive(1) });
  const all = compose(
    fallback(() => 'stale'),
    guard,
    timeout('1s'),
  );
  const call = all.run(({ attempt }) => (attempt === 7 ? hangs() : 'wrong'), { attempt: 7 });
  await turn();
  t.mock.timers.tick(1_000);
  assert.equal(await call, 'stale');
  assert.equal(guard.state, 'open');
  assert.equal(await all.run(ok), 'stale');
});

test('compose: of nothing makes the call, of a composition nests', async () => {
  assert.equal(await compose().run(ok), 'ok');
  assert.equal(await compose(compose(bulkhead({ limit: 1 })), timeout('1s')).run(ok), 'ok');
});

test('compose: a timeout outside of a breaker counts as a failure of what hangs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const guard = breaker('b', { rule: consecutive(1) });
  const call = compose(timeout('1s'), guard).run(hangs);
  await turn();
  t.mock.timers.tick(1_000);
  await assert.rejects(call, withCode('E_CALL_TIMEOUT'));
  await turn();
  assert.equal(guard.state, 'open');
});

test('options that make no sense are named', () => {
  const bad = { code: 'E_BAD_VALUE' };
  assert.throws(() => timeout(0), bad);
  assert.throws(() => timeout('x' as '1s'), bad);
  assert.throws(() => bulkhead({ limit: 0 }), bad);
  assert.throws(() => bulkhead({ limit: 1, queue: -1 }), bad);
});
