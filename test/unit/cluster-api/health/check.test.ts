import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CheckOptions, HealthCheck } from '../../../../src/cluster-api/health/check.ts';
import { runCheck } from '../../../../src/cluster-api/health/check.ts';
import type { CheckResult } from '../../../../src/protocol/app-link.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

const begin = (check: HealthCheck, options: Partial<CheckOptions> = {}) => {
  const said: string[] = [];
  const end = runCheck({
    name: 'database',
    check,
    everyMs: 10_000,
    timeoutMs: 5_000,
    hurried: () => false,
    resting: () => false,
    result: ({ ok, reason }: CheckResult) => said.push(ok ? 'ok' : `${reason}`),
    ...options,
  });
  return { said, end };
};

const later = async (ms: number): Promise<void> => {
  mock.timers.tick(ms);
  await turn();
};

test('runs at once and then by the clock, from the end of one run to the next', async () => {
  let runs = 0;
  const { said, end } = begin(() => void (runs += 1));
  await turn();
  assert.deepEqual([runs, said], [1, ['ok']]);
  await later(9_999);
  assert.equal(runs, 1);
  await later(1);
  assert.deepEqual([runs, said], [2, ['ok', 'ok']]);
  end();
  await later(60_000);
  assert.equal(runs, 2);
});

test('throwing, rejecting and false are failures, everything else is well', async () => {
  const outcome = async (check: HealthCheck): Promise<string | undefined> => {
    const { said, end } = begin(check);
    await turn();
    end();
    return said[0];
  };
  const dual = new AggregateError([new Error('connect ECONNREFUSED ::1:5432')], '');
  for (const [check, wanted] of [
    [() => true, 'ok'],
    [() => {}, 'ok'],
    [() => 0, 'ok'],
    [() => Promise.resolve(null), 'ok'],
    [() => false, 'it returned false'],
    [() => Promise.resolve(false), 'it returned false'],
    [() => Promise.reject(new Error('no\n  route')), 'no route'],
    [() => Promise.reject(dual), 'connect ECONNREFUSED ::1:5432'],
    [() => Promise.reject(Object.assign(new Error(''), { code: 'EX' })), 'EX'],
    [() => Promise.reject('in words'), 'in words'],
    [() => Promise.reject(undefined), 'undefined'],
    [() => Promise.reject({ status: 500 }), '{ status: 500 }'],
    [() => Promise.reject(''), 'it failed'],
    [() => Promise.reject('x'.repeat(500)), `${'x'.repeat(199)}…`],
    [() => assert.fail('at once'), 'at once'],
  ] as const)
    assert.equal(await outcome(check), wanted);
});

test('one that never settles fails when its time is over, is told so, and is not asked again', async () => {
  let asked = 0;
  let aborted = 0;
  const { said, end } = begin((signal) => {
    asked += 1;
    signal.addEventListener('abort', () => (aborted += 1));
    return new Promise(() => {});
  });
  await later(5_000);
  assert.deepEqual(said, ['it did not answer within 5 s']);
  assert.equal(aborted, 1);
  await later(600_000);
  assert.equal(asked, 1, 'never twice at once');
  end();
});

test('an answer that comes late is none, and the next one is asked for', async () => {
  const answers: ((value: unknown) => void)[] = [];
  const { said, end } = begin(() => new Promise((resolve) => answers.push(resolve)));
  await later(5_000);
  answers[0]?.(true);
  await turn();
  assert.deepEqual(said, ['it did not answer within 5 s']);
  await later(10_000);
  answers[1]?.(true);
  await turn();
  assert.deepEqual(said, ['it did not answer within 5 s', 'ok']);
  end();
});

test('while somebody waits for it, one that fails is asked again soon', async () => {
  let waiting = true;
  let runs = 0;
  const { end } = begin(() => (runs += 1) > 3, { hurried: () => waiting });
  await turn();
  await later(500);
  assert.equal(runs, 2);
  waiting = false;
  await later(500);
  await later(500);
  assert.equal(runs, 3);
  end();
});

test('it rests when it is told to, and what ends it silences it', async () => {
  let resting = true;
  let runs = 0;
  const { said, end } = begin(() => void (runs += 1), { resting: () => resting });
  await turn();
  assert.equal(runs, 0);
  resting = false;
  mock.timers.tick(10_000);
  end();
  await turn();
  assert.deepEqual([runs, said], [1, []]);
});
