import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextVersion } from '../../../src/resilience/breaker-version.ts';

const now = { byHand: false, seconds: 1_800_000_000 };
const anyDecided = fc.record({ byHand: fc.boolean(), seconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }) });

test('whatever was decided: the next version is higher, and safe to count with', () => {
  fc.assert(
    fc.property(fc.array(anyDecided, { maxLength: 100 }), (history) => {
      let version = 0;
      for (const decided of history) {
        const next = nextVersion(version, decided);
        assert.ok(Number.isSafeInteger(next) && next > version);
        version = next;
      }
    }),
  );
});

test('a hand outranks whatever others decide by themselves meanwhile', () => {
  let others = nextVersion(0, now);
  const hand = nextVersion(others, { ...now, byHand: true });
  for (let nth = 0; nth < 1_000; nth += 1) others = nextVersion(others, now);
  assert.ok(hand > others);
  assert.ok(nextVersion(hand, now) > hand);
});

test('two hands at the same time are equals', () => {
  const before = nextVersion(0, now);
  const [one, other] = [before, before + 5].map((version) => nextVersion(version, { ...now, byHand: true }));
  assert.equal(one, other);
});

test('who has heard nothing decides above what was decided long ago', () => {
  let others = 0;
  for (let nth = 0; nth < 1_000; nth += 1)
    others = nextVersion(others, { ...now, seconds: now.seconds - 5_000 });
  assert.ok(nextVersion(0, now) > others);
});
