import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { breaker } from '../../../src/resilience/breaker.ts';
import { compose } from '../../../src/resilience/compose.ts';
import { retryBudget } from '../../../src/resilience/retry-budget.ts';
import { retry, type RetryEvent } from '../../../src/resilience/retry.ts';
import { consecutive } from '../../../src/resilience/rules.ts';
import { down, fails, fakeClock, ok, turn, withCode } from './support.ts';

const quick = { firstPause: 0, maxPause: 0 } as const;

test('tries again until it works, and says so', async () => {
  const tries = retry({ ...quick, retries: 3, name: 'payments' });
  const heard: RetryEvent[] = [];
  tries.onRetry((event) => heard.push(event));
  const answer = await tries.run(({ attempt }) => (attempt < 2 ? fails() : `at ${attempt}`));
  assert.equal(answer, 'at 2');
  assert.deepEqual(
    heard.map(({ name, attempt, error }) => ({ name, attempt, error })),
    [1, 2].map((attempt) => ({ name: 'payments', attempt, error: down })),
  );
  assert.deepEqual(tries.metrics(), { calls: 1, retries: 2, exhausted: 0, overBudget: 0 });
});

test('gives up after the last try, with the last failure as cause', async () => {
  const tries = retry({ ...quick, retries: 2 });
  let calls = 0;
  const call = tries.run(() => {
    calls += 1;
    return fails();
  });
  await assert.rejects(call, withCode('E_RETRIES', down));
  assert.equal(calls, 3);
  assert.equal(tries.metrics().exhausted, 1);
});

test('an error that is not worth a retry, and any error without retries, comes as it is', async () => {
  const tries = retry({ ...quick, retryOn: (error) => error !== down });
  await assert.rejects(tries.run(fails), down);
  await assert.rejects(retry({ retries: 0 }).run(fails), down);
});

test('an open breaker is not asked again', async () => {
  const guard = breaker('b', { rule: consecutive(1) });
  await assert.rejects(guard.run(fails));
  const tries = retry({ ...quick, retries: 5 });
  await assert.rejects(compose(tries, guard).run(ok), withCode('E_BREAKER_OPEN'));
  assert.equal(tries.metrics().retries, 0);
});

test('without budget there is no retry, and the failure is the cause', async () => {
  const budget = retryBudget({ share: 0, perSecond: 0, max: 3 });
  const tries = retry({ ...quick, retries: 2, budget });
  await assert.rejects(tries.run(fails), withCode('E_RETRIES', down));
  await assert.rejects(tries.run(fails), withCode('E_RETRY_BUDGET', down));
  await assert.rejects(tries.run(fails), withCode('E_RETRY_BUDGET', down));
  assert.deepEqual(tries.metrics(), { calls: 3, retries: 3, exhausted: 1, overBudget: 2 });
});

test('a signal ends the pause between two tries at once', async () => {
  const tries = retry({ firstPause: '1h', maxPause: '1h' });
  const controller = new AbortController();
  tries.onRetry(() => queueMicrotask(() => controller.abort()));
  await assert.rejects(tries.run(fails, { signal: controller.signal }), { name: 'AbortError' });
});

test('who gives up during a try gets no other', async () => {
  const tries = retry({ ...quick, retries: 5 });
  const controller = new AbortController();
  let calls = 0;
  const call = tries.run(
    () => {
      calls += 1;
      controller.abort();
      return fails();
    },
    { signal: controller.signal },
  );
  await assert.rejects(call, { name: 'AbortError' });
  await turn();
  assert.equal(calls, 1);
});

test('pauses grow and stay below the limit', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const tries = retry({ retries: 8, firstPause: 100, maxPause: 1_000 });
  const pauses: number[] = [];
  tries.onRetry(({ pauseMs }) => pauses.push(pauseMs));
  const call = tries.run(fails);
  const ended = assert.rejects(call, withCode('E_RETRIES'));
  while (tries.metrics().exhausted === 0) {
    t.mock.timers.tick(1_000);
    await turn();
  }
  await ended;
  assert.equal(pauses.length, 8);
  assert.ok(
    pauses.every((ms) => ms <= 1_000),
    String(pauses),
  );
  assert.ok(Math.max(...pauses.slice(4)) > Math.min(...pauses.slice(0, 2)), String(pauses));
});

test('a budget never gives more than its share of the calls, its rate, and what was saved up', () => {
  const anyUse = fc.array(
    fc.oneof(
      fc.constant({ kind: 'called' as const }),
      fc.constant({ kind: 'take' as const }),
      fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
    ),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(anyUse, fc.integer({ min: 1, max: 20 }), (uses, max) => {
      const clock = fakeClock();
      const budget = retryBudget({ share: 0.2, perSecond: 1, max, clock });
      let calls = 0;
      let taken = 0;
      let elapsed = 0;
      for (const use of uses) {
        if (use.kind === 'called') {
          calls += 1;
          budget.called();
        } else if (use.kind === 'take') taken += budget.take() ? 1 : 0;
        else {
          elapsed += use.ms;
          clock.advance(use.ms);
        }
        assert.ok(taken <= max + calls * 0.2 + elapsed / 1_000 + 1e-6);
        assert.ok(budget.left() <= max && budget.left() >= 0);
      }
    }),
  );
});

test('options that make no sense are named', () => {
  const bad = { code: 'E_BAD_VALUE' };
  assert.throws(() => retry({ retries: -1 }), bad);
  assert.throws(() => retry({ firstPause: '10s', maxPause: '1s' }), bad);
  assert.throws(() => retryBudget({ max: 0 }), bad);
  assert.throws(() => retryBudget({ share: -1 }), bad);
});
