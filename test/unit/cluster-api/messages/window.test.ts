import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Incoming } from '../../../../src/cluster-api/messages/incoming.ts';
import { FIRST_REPEAT_MS, Outgoing } from '../../../../src/cluster-api/messages/outgoing.ts';
import type { Cargo, Numbered } from '../../../../src/cluster-api/messages/wire.ts';
import { MAX_BATCH_CARGO, MAX_BATCH_CHARS } from '../../../../src/cluster-api/messages/wire.ts';

const say = (value: string): Cargo => ({ kind: 'say', topic: 't', value });
const cargoOf = (sent: readonly { cargo: Numbered }[]): Numbered[] => sent.map(({ cargo }) => cargo);
const numbers = (cargo: readonly { n: number }[]): number[] => cargo.map(({ n }) => n);

/** What may happen between two members. */
type Step =
  | { readonly do: 'push' | 'flush' | 'giveUp' }
  /** `which` of what is on its way arrives, is lost, or arrives and comes again. */
  | { readonly do: 'arrive' | 'lose' | 'copy'; readonly which: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ do: 'push' }, { do: 'push' }, { do: 'flush' }, { do: 'giveUp' }),
  fc.record({ do: fc.constantFrom('arrive', 'arrive', 'lose', 'copy'), which: fc.nat(5) }),
);

test('whatever is lost, doubled or overtaken: all is handled once and in order, but for what was given up', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const out = new Outgoing<number>();
      const incoming = new Incoming();
      const handled: number[] = [];
      const acknowledged = new Set<number>();
      const givenUp = new Set<number>();
      let now = 0;
      let onWay: { base: number; cargo: Numbered[] }[] = [];
      const send = (sent: readonly { cargo: Numbered }[]): void => {
        if (sent.length > 0) onWay.push({ base: out.base, cargo: cargoOf(sent) });
      };
      const arrive = (batch: { base: number; cargo: Numbered[] }, heard = true): void => {
        handled.push(...numbers(incoming.accept(batch.base, batch.cargo)));
        if (heard) for (const { cargo } of out.taken(incoming.taken, now)) acknowledged.add(cargo.n);
      };
      for (const step of steps) {
        now += 10;
        switch (step.do) {
          case 'push':
            out.push(say('x'), 0, now);
            break;
          case 'flush':
            send(out.takeUnsent(now));
            break;
          case 'giveUp':
            if (out.size > 0) {
              givenUp.add(out.base);
              out.giveUp(out.base);
            }
            break;
          default: {
            const [batch] = onWay.splice(step.which % Math.max(onWay.length, 1), 1);
            if (batch === undefined || step.do === 'lose') break;
            // Every other acknowledgement is lost.
            arrive(batch, step.which % 2 === 0);
            if (step.do === 'copy') onWay.push(batch);
          }
        }
      }
      // At last nothing is lost any more.
      for (const batch of onWay) arrive(batch);
      onWay = [];
      for (let round = 0; out.size > 0; round += 1) {
        assert.ok(round < 500, 'it comes to an end');
        now += 3_000;
        send(out.takeUnsent(now));
        send(out.takeOverdue(now));
        for (const batch of onWay.splice(0)) arrive(batch);
      }
      assert.deepEqual(
        handled,
        handled.toSorted((a, b) => a - b),
        'in order',
      );
      assert.equal(new Set(handled).size, handled.length, 'once');
      for (const n of acknowledged) assert.ok(handled.includes(n) || givenUp.has(n), `${n} was handled`);
      for (let n = 1; n < out.base; n += 1) assert.ok(handled.includes(n) || givenUp.has(n), `${n}`);
    }),
  );
});

test('what is not taken is said again, each time after a longer while', () => {
  const out = new Outgoing<number>();
  out.push(say('x'), 0, 0);
  assert.equal(out.takeOverdue(FIRST_REPEAT_MS * 4).length, 0, 'it was not sent yet');
  out.takeUnsent(1_000);
  const at: number[] = [];
  for (let now = 1_000; now < 8_000; now += 50) if (out.takeOverdue(now).length > 0) at.push(now - 1_000);
  assert.deepEqual(at, [250, 750, 1_750, 3_750, 5_750]);
  out.taken(1, 8_000);
  assert.equal(out.waitingSince, undefined);
  assert.deepEqual(out.takeOverdue(20_000), []);
});

test('a batch is limited in number and size, but takes one of any size', () => {
  const many = new Outgoing<number>();
  for (let n = 0; n < MAX_BATCH_CARGO + 5; n += 1) many.push(say('x'), n, 0);
  assert.equal(many.takeUnsent(0).length, MAX_BATCH_CARGO);
  assert.equal(many.takeUnsent(0).length, 5);
  assert.equal(many.takeUnsent(0).length, 0);
  const great = new Outgoing<number>();
  for (let n = 0; n < 3; n += 1) great.push(say('x'.repeat(MAX_BATCH_CHARS)), n, 0);
  assert.deepEqual([great.takeUnsent(0).length, great.takeUnsent(0).length], [1, 1]);
});

test('what was given up before it was sent does not hold up what comes after it', () => {
  const out = new Outgoing<number>();
  for (let n = 0; n < 2 * MAX_BATCH_CARGO; n += 1) out.push(say('x'), n, 0);
  for (let n = 1; n < 2 * MAX_BATCH_CARGO; n += 1) out.giveUp(n);
  assert.deepEqual(numbers(cargoOf(out.takeUnsent(0))), [2 * MAX_BATCH_CARGO]);
});

test('a refusal is said until the sender has heard of it', () => {
  const incoming = new Incoming();
  incoming.accept(1, [
    { ...say('x'), n: 1 },
    { ...say('x'), n: 2 },
  ]);
  incoming.refuse(2, 'deaf');
  incoming.accept(2, []);
  assert.deepEqual([incoming.taken, incoming.refused], [2, [[2, 'deaf']]]);
  incoming.accept(3, []);
  assert.deepEqual(incoming.refused, []);
});

test('who joins late begins where the sender stands', () => {
  const incoming = new Incoming();
  assert.deepEqual(numbers(incoming.accept(41, [{ ...say('x'), n: 42 }])), []);
  assert.deepEqual(numbers(incoming.accept(41, [{ ...say('x'), n: 41 }])), [41, 42]);
});
