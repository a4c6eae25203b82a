import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ErrorCode } from '../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import type { PoolOptions } from '../../../src/pool/pool.ts';
import { createPool, PoolFull } from '../../../src/pool/pool.ts';
import { defaultPool, task, type TaskOptions } from '../../../src/pool/task.ts';
import { createThreadBudget } from '../../../src/pool/thread-budget.ts';
import { until } from '../../support/wait.ts';

type Jobs = typeof import('../../fixtures/tasks/jobs.ts');

const file = (name: string): URL => new URL(`../../fixtures/tasks/${name}`, import.meta.url);
const jobs = file('jobs.ts');

const withCode =
  (code: ErrorCode) =>
  (error: unknown): true => {
    assert.ok(error instanceof SkeinError, String(error));
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(`${error.message} ${error.fix}`, /\{\w+\}/);
    return true;
  };

/** A pool with a budget of its own, so that tests do not wait for each other. */
const ownPool = (options: PoolOptions = {}, threads = 2) => {
  const budget = createThreadBudget(threads);
  const pool = createPool({ budget, ...options });
  after(() => pool.destroy());
  return { pool, budget };
};

/** A task that runs until it is let go, and that one can see running. */
const blocker = (pool: ReturnType<typeof createPool>) => {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  return {
    run: (options?: TaskOptions) => task<Jobs, 'waits'>(jobs, { export: 'waits', pool })(flags, options),
    spin: (options?: TaskOptions) => task<Jobs, 'spins'>(jobs, { export: 'spins', pool })(flags, options),
    begun: () => until('the task has begun', () => Atomics.load(flags, 1) === 1),
    letGo: () => {
      Atomics.store(flags, 0, 1);
      Atomics.notify(flags, 0);
    },
  };
};

test('a function in a TypeScript file runs in a thread: default and named exports, sync and async', async () => {
  const { pool } = ownPool();
  assert.equal(await task<Jobs>(jobs, { pool })(20), 6765);
  assert.deepEqual(await task<Jobs, 'swap'>(jobs, { export: 'swap', pool })({ x: 1, y: 2 }), { x: 2, y: 1 });
  const greet = task<Jobs, 'greet'>(jobs, { export: 'greet', pool });
  assert.deepEqual(await Promise.all([greet(), greet('Ada')]), ['hello you', 'hello Ada']);
  assert.notEqual(await task<Jobs, 'thread'>(jobs, { export: 'thread', pool })(), 0);
  const { completed, wait, run, alive } = pool.metrics();
  assert.equal(completed, 5);
  assert.equal(wait.count, 5);
  assert.equal(run.count, 5);
  assert.ok(run.max >= run.p50 && run.p50 > 0);
  assert.ok(alive >= 1 && alive <= 2, `${alive} threads`);
});

test('tasks of no pool share the one of the process', async () => {
  after(() => defaultPool().destroy());
  assert.equal(await task<Jobs>(jobs)(10), 55);
  assert.equal(defaultPool().metrics().completed, 1);
});

test('never more tasks at once than the budget has threads, over all pools', async () => {
  const { pool, budget } = ownPool();
  const other = createPool({ budget });
  after(() => other.destroy());
  const blockers = [pool, pool, other, other].map(blocker);
  const running = blockers.map(({ run }) => run());
  await until('two run', () => budget.inUse === 2);
  const [first, second] = blockers;
  await Promise.all([first?.begun(), second?.begun()]);
  assert.deepEqual(
    [pool, other].map((one) => one.metrics()).map(({ running, waiting }) => [running, waiting]),
    [
      [2, 0],
      [0, 2],
    ],
  );
  for (const { letGo } of blockers) letGo();
  assert.deepEqual(
    await Promise.all(running),
    Array.from({ length: 4 }, () => 'waited'),
  );
  assert.equal(budget.inUse, 0);
});

test('the number of threads changes while tasks run and wait', async () => {
  const { pool, budget } = ownPool({}, 1);
  const blockers = Array.from({ length: 3 }, () => blocker(pool));
  const running = blockers.map(({ run }) => run());
  const [first, second, third] = blockers;
  await first?.begun();
  assert.equal(pool.metrics().waiting, 2);
  budget.resize(2);
  await second?.begun();
  assert.equal(pool.metrics().running, 2);
  budget.resize(1);
  first?.letGo();
  await running[0];
  assert.deepEqual([pool.metrics().running, pool.metrics().waiting], [1, 1]);
  second?.letGo();
  await third?.begun();
  third?.letGo();
  await Promise.all(running);
});

test('a pool may have fewer threads than the budget', async () => {
  const { pool } = ownPool({ threads: 1 }, 2);
  const first = blocker(pool);
  const running = first.run();
  await first.begun();
  const second = task<Jobs>(jobs, { pool })(5);
  assert.deepEqual([pool.metrics().running, pool.metrics().waiting], [1, 1]);
  first.letGo();
  assert.deepEqual(await Promise.all([running, second]), ['waited', 5]);
  assert.equal(pool.metrics().alive, 1);
});

test('the queue has a limit, and refuses with PoolFull', async () => {
  const { pool } = ownPool({ queue: 1 }, 1);
  const first = blocker(pool);
  const fibonacci = task<Jobs>(jobs, { pool });
  const running = first.run();
  await first.begun();
  const waiting = fibonacci(5);
  await assert.rejects(fibonacci(5), withCode('E_POOL_FULL'));
  await assert.rejects(fibonacci(5), PoolFull);
  first.letGo();
  assert.deepEqual(await Promise.all([running, waiting]), ['waited', 5]);
  assert.equal(pool.metrics().refused, 2);
  assert.equal(await fibonacci(6), 8);
});

test('without a queue a task runs at once or is refused', async () => {
  const { pool } = ownPool({ queue: 0 }, 1);
  const fibonacci = task<Jobs>(jobs, { pool });
  const [one, two] = [fibonacci(5), fibonacci(6)];
  await assert.rejects(two, withCode('E_POOL_FULL'));
  assert.equal(await one, 5);
  assert.equal(await fibonacci(6), 8);
});

test('a higher priority goes first', async () => {
  const { pool } = ownPool({}, 1);
  const first = blocker(pool);
  const running = first.run();
  await first.begun();
  const order: string[] = [];
  const fibonacci = task<Jobs>(jobs, { pool });
  const waiting = (['low', 'normal', 'high'] as const).map(async (priority) => {
    await fibonacci(1, { priority });
    order.push(priority);
  });
  first.letGo();
  await Promise.all([running, ...waiting]);
  assert.deepEqual(order, ['high', 'normal', 'low']);
});

test('a task that is cancelled while it waits never runs, and leaves nothing behind', async () => {
  const { pool } = ownPool({}, 1);
  const first = blocker(pool);
  const running = first.run();
  await first.begun();
  const controller = new AbortController();
  const waiting = task<Jobs>(jobs, { pool })(30, { signal: controller.signal });
  const reason = new Error('client went away');
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(pool.metrics().waiting, 0);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  first.letGo();
  await running;
  assert.equal(pool.metrics().cancelled, 1);
  assert.equal(pool.metrics().wait.count, 1);
});

test('cancelling a task that runs frees its thread', async () => {
  const { pool } = ownPool({}, 1);
  const spinning = blocker(pool);
  const controller = new AbortController();
  const running = spinning.spin({ signal: controller.signal });
  await spinning.begun();
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  assert.equal(await task<Jobs>(jobs, { pool })(10), 55);
  assert.equal(pool.metrics().crashed, 0);
});

test('a thread that cannot end at once is not free before it has', async () => {
  const { pool, budget } = ownPool({}, 1);
  const bytes = new Uint8Array(new SharedArrayBuffer(64 * 2 ** 20));
  const isFull = (): boolean => bytes.subarray(-16).some((byte) => byte !== 0);
  const controller = new AbortController();
  const fills = task<Jobs, 'fills'>(jobs, { export: 'fills', pool });
  const running = fills(bytes, { signal: controller.signal });
  await until('the task has begun', () => Atomics.load(bytes, 0) === 1);
  controller.abort();
  await assert.rejects(running, { name: 'AbortError' });
  const next = task<Jobs>(jobs, { pool })(10);
  assert.equal(budget.inUse, 1);
  // On a busy machine it may have ended meanwhile.
  assert.ok(pool.metrics().waiting === 1 || isFull(), 'the next waits for it');
  assert.equal(await next, 55);
  assert.equal(isFull(), true, 'the one before had ended');
});

test('a signal that is aborted already runs nothing', async () => {
  const { pool } = ownPool();
  await assert.rejects(task<Jobs>(jobs, { pool })(10, { signal: AbortSignal.abort() }), {
    name: 'AbortError',
  });
  assert.equal(pool.metrics().alive, 0);
});

test('many tasks with one signal leave no listener on it', async () => {
  const { pool } = ownPool();
  const { signal } = new AbortController();
  const fibonacci = task<Jobs>(jobs, { pool });
  await Promise.all(Array.from({ length: 50 }, () => fibonacci(5, { signal })));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a timeout ends a task that runs and one that waits', async () => {
  const { pool } = ownPool({}, 1);
  const spinning = blocker(pool);
  const running = spinning.spin({ timeout: 500 });
  const waiting = task<Jobs>(jobs, { pool, timeout: 10 })(30);
  await assert.rejects(waiting, withCode('E_TASK_TIMEOUT'));
  await assert.rejects(running, withCode('E_TASK_TIMEOUT'));
  assert.equal(await task<Jobs>(jobs, { pool })(10), 55);
  assert.equal(pool.metrics().timedOut, 2);
});

test('what a task throws arrives as it was, with its own properties', async () => {
  const { pool } = ownPool();
  const throws = task<Jobs, 'throwsWithCode'>(jobs, { export: 'throwsWithCode', pool });
  await assert.rejects(throws(), (error) => {
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, 'too large');
    assert.match(error.stack ?? '', /jobs\.ts/);
    assert.deepEqual(Object.entries(error), [['code', 'E_LARGE']]);
    return true;
  });
  await assert.rejects(
    task<Jobs, 'throwsText'>(jobs, { export: 'throwsText', pool })(),
    (error) => error === 'just text',
  );
  await assert.rejects(
    task<Jobs, 'throwsFunction'>(jobs, { export: 'throwsFunction', pool })(),
    (error) => error === '() => 1',
  );
  assert.deepEqual([pool.metrics().thrown, pool.metrics().crashed], [3, 0]);
});

test('a thread that ends fails only its own task and is replaced', async () => {
  const { pool } = ownPool({}, 2);
  const beside = blocker(pool);
  const running = beside.run();
  await beside.begun();
  const fibonacci = task<Jobs>(jobs, { pool });
  const exits = task<Jobs, 'exits'>(jobs, { export: 'exits', pool });
  const uncaught = task<Jobs, 'leavesErrorUncaught'>(jobs, { export: 'leavesErrorUncaught', pool });
  const [crash, waiting] = [exits(3), fibonacci(10)];
  await assert.rejects(crash, withCode('E_TASK_CRASHED'));
  assert.equal(await waiting, 55);
  await assert.rejects(uncaught(), (error: SkeinError) => {
    assert.match(error.message, /nobody caught me/);
    return withCode('E_TASK_CRASHED')(error);
  });
  assert.equal(await fibonacci(10), 55);
  beside.letGo();
  assert.equal(await running, 'waited');
  assert.equal(pool.metrics().crashed, 2);
});

test('a task that uses too much memory fails alone', async () => {
  const { pool } = ownPool({ memory: '32M' }, 2);
  const beside = blocker(pool);
  const running = beside.run();
  await beside.begun();
  const uses = task<Jobs, 'usesMemory'>(jobs, { export: 'usesMemory', pool });
  await assert.rejects(uses('many'), withCode('E_TASK_MEMORY'));
  await assert.rejects(uses('large'), withCode('E_TASK_MEMORY'));
  assert.equal(await task<Jobs>(jobs, { pool })(10), 55);
  beside.letGo();
  assert.equal(await running, 'waited');
});

test('values that cannot be cloned are named, on the way in and on the way out', async () => {
  const { pool } = ownPool();
  const anything = task(jobs, { pool });
  await assert.rejects(
    anything(() => 1),
    withCode('E_TASK_CLONE'),
  );
  await assert.rejects(anything(1, { transfer: [{} as ArrayBuffer] }), withCode('E_TASK_CLONE'));
  const sent = new ArrayBuffer(1);
  await assert.rejects(anything(1, { transfer: [sent, sent] }), withCode('E_TASK_CLONE'));
  const returns = task<Jobs, 'returnsFunction'>(jobs, { export: 'returnsFunction', pool });
  await assert.rejects(returns(), withCode('E_TASK_CLONE'));
  assert.equal(await task<Jobs>(jobs, { pool })(10), 55);
});

test('buffers are moved, not copied, in both directions', async () => {
  const { pool } = ownPool();
  const sent = new Uint8Array(1_000);
  const size = task<Jobs, 'size'>(jobs, { export: 'size', pool });
  assert.equal(await size(sent, { transfer: [sent.buffer] }), 1_000);
  assert.equal(sent.byteLength, 0);
  const received = await task<Jobs, 'bytes'>(jobs, { export: 'bytes', pool })(3);
  assert.deepEqual(received, new Uint8Array([7, 7, 7]));
});

test('a file, an export or a URL that does not exist has a code of its own', async () => {
  const { pool } = ownPool();
  assert.throws(() => task(file('nothing.ts')), withCode('E_TASK_FILE'));
  assert.throws(() => task('./relative.ts'), withCode('E_BAD_VALUE'));
  assert.throws(() => task('https://example.org/x.js'), withCode('E_BAD_VALUE'));
  const folder = mkdtempSync(join(tmpdir(), 'skein-task-'));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'broken.js'), 'export default (: broken');
  await assert.rejects(task(join(folder, 'broken.js'), { pool })(1), withCode('E_TASK_LOAD'));
  await assert.rejects(task(jobs, { pool, export: 'nothing' })(1), withCode('E_TASK_EXPORT'));
  await assert.rejects(task(jobs, { pool, export: 'notAFunction' })(1), withCode('E_TASK_EXPORT'));
});

test('a .ts file is found as .js where a compiler has put it', async () => {
  const { pool } = ownPool();
  assert.equal(await task(file('compiled.ts'), { pool })('x'), 'compiled x');
});

test('close waits for what runs and what waits, then takes no more', async () => {
  const { pool } = ownPool({}, 1);
  const first = blocker(pool);
  const running = first.run();
  await first.begun();
  const waiting = task<Jobs>(jobs, { pool })(10);
  let closed = false;
  const closing = pool.close().then(() => (closed = true));
  await assert.rejects(task<Jobs>(jobs, { pool })(1), withCode('E_POOL_CLOSED'));
  assert.equal(closed, false);
  first.letGo();
  assert.deepEqual(await Promise.all([running, waiting]), ['waited', 55]);
  await closing;
  assert.equal(pool.metrics().alive, 0);
  await Promise.all([pool.close(), pool.destroy(), pool.destroy()]);
});

test('destroy ends what runs and what waits at once', async () => {
  const { pool, budget } = ownPool({}, 1);
  const spinning = blocker(pool);
  const both = Promise.allSettled([spinning.spin(), task<Jobs>(jobs, { pool })(10)]);
  await spinning.begun();
  await Promise.all([pool.destroy(), pool.destroy(), pool.close()]);
  for (const one of await both) withCode('E_POOL_CLOSED')(one.status === 'rejected' && one.reason);
  assert.equal(budget.inUse, 0);
  assert.equal(pool.metrics().alive, 0);
});

test('a pool that never had a task closes too', async () => {
  await createPool().close();
  await createPool().destroy();
});

test('a thread without a task ends after a while', async () => {
  const { pool } = ownPool({ idle: 10 });
  await task<Jobs>(jobs, { pool })(10);
  await until('the thread is gone', () => pool.metrics().alive === 0);
  assert.equal(await task<Jobs>(jobs, { pool })(10), 55);
});

test('options that make no sense are named', async () => {
  const bad = withCode('E_BAD_VALUE');
  assert.throws(() => createPool({ threads: 0 }), bad);
  assert.throws(() => createPool({ queue: -1 }), bad);
  assert.throws(() => createPool({ memory: 'much' }), bad);
  assert.throws(() => createPool({ memory: '1M' }), bad);
  assert.throws(() => task(jobs, { priority: 'urgent' as 'high' }), bad);
  assert.throws(() => task(jobs, { timeout: 0 }), bad);
  const { pool } = ownPool();
  await assert.rejects(task(jobs, { pool })(1, { timeout: -1 }), bad);
});
