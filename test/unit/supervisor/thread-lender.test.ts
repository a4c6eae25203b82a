import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UNHEARD_MS } from '../../../src/pool/borrowed-threads.ts';
import { decideLoans, TURN_MS, type Borrower } from '../../../src/supervisor/thread-lender.ts';
import { FakeMachine } from './lending-threads.ts';

const borrower = (id: string, demand: number, more: Partial<Borrower> = {}): Borrower => ({
  id,
  demand,
  told: 0,
  bound: more.told ?? 0,
  raisedAt: 0,
  wantsSince: 0,
  silent: false,
  ...more,
});

const lent = (total: number, borrowers: readonly Borrower[], now = 0, reserved = 0) =>
  Object.fromEntries(decideLoans(total, reserved, borrowers, now).loans.map((loan) => [loan.id, loan.lent]));

test('one that is busy gets all threads, several get the same', () => {
  assert.deepEqual(lent(4, [borrower('a', 9), borrower('b', 0)]), { a: 4 });
  assert.deepEqual(lent(4, [borrower('a', 9), borrower('b', 9)]), { a: 2, b: 2 });
  assert.deepEqual(lent(4, [borrower('a', 1), borrower('b', 9)]), { a: 1, b: 3 });
});

test('what a reduction frees is lent on when its borrower has confirmed it', () => {
  const a = borrower('a', 9, { told: 4 });
  assert.deepEqual(lent(4, [a, borrower('b', 9)]), { a: 2 });
  assert.deepEqual(lent(4, [{ ...a, told: 2, bound: 3 }, borrower('b', 9)]), { b: 1 });
  assert.deepEqual(lent(4, [{ ...a, told: 2, bound: 2 }, borrower('b', 9, { told: 1 })]), { b: 2 });
});

test('more workers than threads: who waits longest is next, and a turn is not cut short', () => {
  const a = borrower('a', 5, { told: 1, raisedAt: 1_000 });
  const [b, c] = [borrower('b', 5, { wantsSince: 990 }), borrower('c', 5, { wantsSince: 980 })];
  assert.deepEqual(decideLoans(1, 0, [a, b, c], 1_000 + TURN_MS - 1), {
    loans: [],
    lookAgainAt: 1_000 + TURN_MS,
  });
  assert.deepEqual(lent(1, [a, b, c], 1_000 + TURN_MS), { a: 0 });
  assert.deepEqual(lent(1, [{ ...a, told: 0, bound: 0, wantsSince: 1_100 }, b, c], 1_101), { c: 1 });
});

test('of several whose turn is over the one that had its thread longest gives it away', () => {
  const a = borrower('a', 5, { told: 1, raisedAt: 100 });
  const b = borrower('b', 5, { told: 1, raisedAt: 50 });
  assert.deepEqual(lent(2, [a, b, borrower('c', 5)], 1_000), { b: 0 });
});

test('nothing changes where nobody gains by it', () => {
  const even = [borrower('a', 5, { told: 2 }), borrower('b', 5, { told: 2 })];
  assert.deepEqual(decideLoans(4, 0, even, 1_000), { loans: [], lookAgainAt: null });
  assert.deepEqual(decideLoans(4, 0, [borrower('a', 0), borrower('b', 0)], 0), {
    loans: [],
    lookAgainAt: null,
  });
});

test('what may be in use by who cannot be asked is lent to nobody else', () => {
  assert.deepEqual(lent(4, [borrower('a', 9, { told: 3, silent: true }), borrower('b', 9)]), { b: 1 });
  assert.deepEqual(lent(4, [borrower('b', 9)], 0, 4), {});
  assert.deepEqual(lent(2, [borrower('a', 9, { told: 2, bound: 4 }), borrower('b', 9)]), { a: 1 });
});

type Step =
  | {
      readonly do: 'submit' | 'end' | 'read' | 'hear' | 'disconnect';
      readonly who: number;
      readonly n: number;
    }
  | {
      readonly do: 'look' | 'connect' | 'crash' | 'start' | 'restart' | 'pass';
      readonly who: number;
      readonly n: number;
    };

const step = (name: Step['do']): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant(name), who: fc.nat(20), n: fc.nat(6) });

const often = (['submit', 'end', 'read', 'hear', 'look', 'connect', 'pass'] as const).map((name) => ({
  weight: 8,
  arbitrary: step(name),
}));
const seldom = (['disconnect', 'crash', 'start', 'restart'] as const).map((name) => ({
  weight: 1,
  arbitrary: step(name),
}));
const steps = fc.array(fc.oneof(...often, ...seldom), { minLength: 20, maxLength: 400 });

const take = (machine: FakeMachine, { do: what, who, n }: Step): void => {
  const { alive } = machine;
  const one = alive[who % alive.length];
  if (what === 'start') {
    if (alive.length < 12) machine.start();
  } else if (what === 'restart') machine.restart(n);
  else if (what === 'pass') machine.pass(n * 40);
  else if (one === undefined) return;
  else if (what === 'submit') one.submit(n);
  else if (what === 'end') one.end(n);
  else if (what === 'read') machine.read(one);
  else if (what === 'hear') one.hear();
  else if (what === 'look') one.look();
  else if (what === 'connect') one.connect();
  else if (what === 'crash') machine.crash(one);
  else one.disconnect(n);
};

/** After that each has said what it does not need any more. */
const lookTwice = (machine: FakeMachine): void => {
  for (let looks = 0; looks < 2; looks += 1) {
    for (const borrower of machine.alive) borrower.look();
    machine.settle();
  }
};

const never = (machine: FakeMachine): void =>
  assert.ok(machine.mayBeInUse <= machine.total, `${machine.mayBeInUse} of ${machine.total} threads`);

test('never more threads than there are, whatever crashes and whatever is lost; then everybody gets on', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      steps,
      (total, workers, all) => {
        const machine = new FakeMachine(total, workers);
        for (const one of all) {
          take(machine, one);
          never(machine);
        }
        assert.ok(machine.workerNow < UNHEARD_MS);
        machine.settle();
        lookTwice(machine);
        never(machine);
        const demand = machine.alive.reduce((sum, { running, waiting }) => sum + running + waiting, 0);
        assert.equal(machine.running, Math.min(total, demand), 'no thread is idle while a task waits');
        // Each task ends, and in the end each has run.
        for (
          let rounds = 0;
          machine.alive.some(({ running, waiting }) => running + waiting > 0);
          rounds += 1
        ) {
          assert.ok(rounds <= 2 * demand + 2, 'tasks wait for ever');
          for (const borrower of machine.alive) borrower.end(1);
          machine.pass(TURN_MS);
          machine.settle();
          lookTwice(machine);
          never(machine);
        }
        // Nobody keeps what it does not need.
        lookTwice(machine);
        assert.equal(machine.mayBeInUse, 0);
      },
    ),
    { numRuns: 300 },
  );
});

test('nobody starves: each of many busy workers gets at least half of an even share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 9 }), (total, workers) => {
      const machine = new FakeMachine(total, workers);
      for (const borrower of machine.alive) borrower.submit(1_000);
      machine.settle();
      const turns = new Map(machine.alive.map(({ id }) => [id, 0]));
      const rounds = workers * 6;
      for (let round = 0; round < rounds; round += 1) {
        machine.pass(TURN_MS);
        for (const borrower of machine.alive) borrower.end(total);
        machine.settle();
        for (const { id, running } of machine.alive) turns.set(id, turns.get(id)! + running);
        assert.equal(machine.running, total);
      }
      const each = [...turns.values()];
      const even = (rounds * total) / workers;
      assert.ok(Math.min(...each) >= even / 2, `threads by worker: ${each.join()}`);
    }),
    { numRuns: 40 },
  );
});

test('tasks that follow each other closely cost no messages', () => {
  const machine = new FakeMachine(2, 2);
  const one = machine.start();
  machine.settle();
  for (let task = 0; task < 500; task += 1) {
    one.submit(1);
    machine.settle();
    assert.equal(one.running, 1);
    one.end(1);
    if (task % 10 === 0) one.look();
  }
  assert.ok(one.messages < 10, `${one.messages} messages`);
});

test('after a restart, what a silent worker may be using is not lent; what others give back is', () => {
  const machine = new FakeMachine(4, 3);
  const [a, b, c] = machine.alive as [
    FakeMachine['alive'][0],
    FakeMachine['alive'][0],
    FakeMachine['alive'][0],
  ];
  a.submit(1);
  b.submit(3);
  machine.settle();
  machine.restart(0);
  c.submit(4);
  for (const one of [a, c]) one.connect();
  for (let round = 0; round < 10; round += 1)
    for (const one of [a, c]) {
      machine.read(one);
      one.hear();
    }
  assert.equal(c.running, 0, 'b may be using three');
  a.end(1);
  a.look();
  a.look();
  for (let round = 0; round < 10; round += 1)
    for (const one of [a, c]) {
      machine.read(one);
      one.hear();
    }
  assert.equal(c.running, 1);
  machine.crash(b);
  machine.settle();
  assert.equal(c.running, 4);
});
