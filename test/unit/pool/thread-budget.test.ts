import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableCpus } from '../../../src/os/cpus.ts';
import { processThreadBudget } from '../../../src/pool/process-threads.ts';
import { createThreadBudget, createWatchedBudget } from '../../../src/pool/thread-budget.ts';

/** A pool with tasks that takes a thread whenever it may. */
const hungry = (budget: ReturnType<typeof createThreadBudget>, name: string, log: string[]) => {
  const pool = {
    waiting: 3,
    wake: () => {
      if (pool.waiting > 0 && budget.take()) {
        pool.waiting -= 1;
        log.push(name);
      }
      if (pool.waiting > 0) budget.wait(pool);
    },
  };
  return pool;
};

test('no more threads are taken than there are, and those given back are taken in turns', () => {
  const budget = createThreadBudget(2);
  assert.deepEqual([budget.take(), budget.take(), budget.take()], [true, true, false]);
  const log: string[] = [];
  budget.wait(hungry(budget, 'a', log));
  budget.wait(hungry(budget, 'b', log));
  assert.equal(budget.demand(), 2 + 6);
  for (let nth = 0; nth < 6; nth += 1) budget.give();
  assert.deepEqual(log, ['a', 'b', 'a', 'b', 'a', 'b']);
  assert.equal(budget.inUse, 2);
});

test('more threads wake those that wait; fewer take effect as threads come back', () => {
  const budget = createThreadBudget(1);
  budget.take();
  const log: string[] = [];
  budget.wait(hungry(budget, 'a', log));
  budget.resize(2);
  assert.deepEqual(log, ['a']);
  budget.resize(0);
  budget.give();
  assert.equal(budget.take(), false);
  budget.give();
  assert.equal(budget.inUse, 0);
  assert.deepEqual(log, ['a']);
  budget.resize(1);
  assert.deepEqual(log, ['a', 'a']);
});

test('a pool that is gone is not woken', () => {
  const budget = createThreadBudget(1);
  budget.take();
  const log: string[] = [];
  const pool = hungry(budget, 'a', log);
  budget.wait(pool);
  budget.forget(pool);
  budget.give();
  assert.deepEqual(log, []);
});

test('a borrower hears when a pool waits, and when a thread came back of too many', () => {
  const heard: number[] = [];
  const budget = createWatchedBudget(1, { most: 4, onChange: () => heard.push(budget.demand()) });
  budget.take();
  budget.give();
  budget.take();
  assert.deepEqual(heard, []);
  budget.wait({ waiting: 4, wake: () => {} });
  assert.deepEqual(heard, [5]);
  assert.deepEqual([budget.peak(), budget.most, budget.threads], [5, 4, 1]);
  budget.resize(0);
  budget.give();
  assert.deepEqual(heard, [5, 4]);
  assert.deepEqual([budget.peak(), budget.peak()], [5, 4]);
});

test('a process alone has as many as it has CPUs, for all pools together', () => {
  assert.equal(processThreadBudget().threads, availableCpus());
  assert.equal(processThreadBudget(), processThreadBudget());
  assert.throws(() => createThreadBudget(-1), { code: 'E_BAD_VALUE' });
  assert.throws(() => createThreadBudget(1).resize(1.5), { code: 'E_BAD_VALUE' });
});
