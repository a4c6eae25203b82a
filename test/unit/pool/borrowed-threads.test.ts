import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASK_AGAIN_MS, borrowThreads, LOOK_MS, UNHEARD_MS } from '../../../src/pool/borrowed-threads.ts';
import type { ThreadNeed } from '../../../src/protocol/app-link.ts';
import { createThreadLoan } from '../../../src/worker/thread-loan.ts';

/** A worker whose supervisor is the test. */
const worker = (total = 4) => {
  let now = 0;
  let look: (() => void) | undefined;
  const said: ThreadNeed[] = [];
  const loan = createThreadLoan(total, ({ inUse, demand }) => said.push({ inUse, demand }));
  const budget = borrowThreads(loan.link, total, {
    now: () => now,
    every: (_ms, each) => {
      look = each;
      return () => (look = undefined);
    },
  });
  const tasks = {
    waiting: 0,
    wake: (): void => {
      while (tasks.waiting > 0 && budget.take()) tasks.waiting -= 1;
      if (tasks.waiting > 0) budget.wait(tasks);
    },
  };
  return {
    loan,
    budget,
    said,
    submit: (count: number) => {
      tasks.waiting += count;
      tasks.wake();
    },
    looks: () => look !== undefined,
    pass: (ms: number) => {
      for (let left = ms; left > 0; left -= LOOK_MS) {
        now += Math.min(left, LOOK_MS);
        look?.();
      }
    },
  };
};

test('it asks when a task finds no thread, and no more than there are', () => {
  const { said, submit, loan, budget } = worker();
  submit(1);
  assert.deepEqual(said, [{ inUse: 0, demand: 1 }]);
  loan.heard(1, 1);
  assert.equal(budget.inUse, 1);
  submit(10);
  assert.deepEqual(said.at(-1), { inUse: 1, demand: 4 });
  const before = said.length;
  submit(10);
  assert.equal(said.length, before);
});

test('what it does not need any more it says after a while, then nothing', () => {
  const { said, submit, loan, budget, pass, looks } = worker();
  submit(2);
  loan.heard(1, 2);
  budget.give();
  budget.give();
  pass(LOOK_MS);
  assert.equal(said.at(-1)?.demand, 2, 'it may be needed again at once');
  pass(LOOK_MS);
  assert.equal(said.at(-1)?.demand, 0);
  loan.heard(2, 0);
  pass(LOOK_MS);
  assert.equal(looks(), false);
  submit(1);
  assert.equal(said.at(-1)?.demand, 1);
  assert.equal(looks(), true);
});

test('it counts on each thread that comes back of more than are lent', () => {
  const { said, submit, loan, budget } = worker();
  submit(3);
  loan.heard(1, 3);
  loan.heard(2, 1);
  assert.deepEqual(said.at(-1), { inUse: 3, demand: 3 });
  budget.give();
  assert.equal(said.at(-1)?.inUse, 2);
  assert.equal(budget.take(), false);
  budget.give();
  assert.equal(said.at(-1)?.inUse, 1);
});

test('who waits asks again: what it said may be lost', () => {
  const { said, submit, pass, loan } = worker();
  submit(1);
  pass(ASK_AGAIN_MS);
  assert.equal(said.length, 2);
  pass(ASK_AGAIN_MS);
  assert.equal(said.length, 3);
  loan.heard(1, 1);
  pass(3 * ASK_AGAIN_MS);
  assert.equal(said.length, 4);
});

test('where nobody answers for long it takes one thread all the same, and says so', () => {
  const { said, submit, pass, budget, loan } = worker();
  submit(3);
  pass(UNHEARD_MS - LOOK_MS);
  assert.equal(budget.inUse, 0);
  pass(2 * LOOK_MS);
  assert.equal(budget.inUse, 1);
  assert.equal(said.at(-1)?.inUse, 1);
  budget.give();
  assert.deepEqual([budget.inUse, loan.use().inUse], [1, 1], 'one task after the other');
  loan.heard(1, 0);
  assert.equal(budget.take(), false);
  budget.give();
  assert.equal(said.at(-1)?.inUse, 0, 'the next supervisor decides again');
});

test('a lender that answers is waited for as long as it takes', () => {
  const { submit, pass, budget, loan } = worker();
  submit(1);
  for (let seconds = 0; seconds < 60; seconds += 1) {
    pass(1_000);
    loan.heard(0, 0);
  }
  assert.equal(budget.inUse, 0);
});
