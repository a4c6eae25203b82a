import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BreakerNews } from '../../../src/resilience/breaker-link.ts';
import {
  admit,
  adopt,
  type BreakerStep,
  initial,
  stepped,
  toNews,
  type Versioned,
} from '../../../src/resilience/breaker-state.ts';

const timing = { openForMs: 1_000, maxOpenForMs: 8_000, probeLimitMs: 5_000 };

const anyStep: fc.Arbitrary<BreakerStep> = fc.oneof(
  fc.constantFrom<BreakerStep>({ kind: 'tripped' }, { kind: 'isolate' }, { kind: 'reset' }),
  fc.record({
    kind: fc.constantFrom('probe-started', 'probe-succeeded', 'probe-failed', 'probe-unclear'),
    probe: fc.integer({ min: 1, max: 3 }),
  }),
);
const anyPause = fc.integer({ min: 0, max: 12_000 });
const anyHistory = fc.array(fc.tuple(anyPause, anyStep), { maxLength: 60 });

/** Every state that a history leads through, with the step that led there. */
const play = (
  history: readonly (readonly [number, BreakerStep])[],
): { before: Versioned; step: BreakerStep; after: Versioned & { publish: boolean }; now: number }[] => {
  let now = 0;
  let at: Versioned = initial;
  return history.map(([pause, step]) => {
    now += pause;
    const before = at;
    const after = stepped(before, step, timing, now, now / 1_000);
    at = after;
    return { before, step, after, now };
  });
};

test('whatever happens: opens for at most the limit, and is tested at the latest then', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      for (const { after, now } of play(history)) {
        if (after.state.kind !== 'open') continue;
        assert.ok(after.state.until <= now + timing.maxOpenForMs);
        assert.equal(admit(after.state, now + timing.maxOpenForMs).kind, 'probe');
      }
    }),
  );
});

test('whatever happens: half-open comes only from a time to test, and one call is let through', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      for (const { before, after, now } of play(history)) {
        if (after.state.kind !== 'half-open' || before.state === after.state) continue;
        assert.equal(admit(before.state, now).kind, 'probe');
        assert.equal(admit(after.state, now).kind, 'refuse-open');
      }
    }),
  );
});

test('whatever happens: isolated ends only by reset, and closes only by a good test or by reset', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      for (const { before, step, after } of play(history)) {
        if (before.state.kind === 'isolated' && after.state.kind !== 'isolated')
          assert.equal(step.kind, 'reset');
        if (before.state.kind !== 'closed' && after.state.kind === 'closed') {
          assert.ok(step.kind === 'reset' || step.kind === 'probe-succeeded');
          if (step.kind === 'probe-succeeded') {
            assert.ok(before.state.kind === 'half-open' && before.state.probe === step.probe);
          }
        }
      }
    }),
  );
});

test('whatever happens: a step without meaning changes nothing at all, and news raise the version', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      for (const { before, after } of play(history)) {
        if (before.state === after.state) assert.deepEqual(after, { ...before, publish: false });
        if (after.publish) assert.ok(after.version > before.version);
        else assert.equal(after.version, before.version);
      }
    }),
  );
});

const anyNews: fc.Arbitrary<BreakerNews> = fc.record({
  name: fc.constant('b'),
  version: fc.integer({ min: 1, max: 4 }),
  state: fc.constantFrom('closed', 'open', 'isolated'),
  openForMs: fc.constant(1_000),
  failedProbes: fc.constant(0),
});

test('in whatever order workers hear the same news, they end in one state', () => {
  const shuffledTwice = fc
    .array(anyNews, { maxLength: 8 })
    .chain((news) =>
      fc.tuple(
        fc.shuffledSubarray(news, { minLength: news.length }),
        fc.shuffledSubarray(news, { minLength: news.length }),
      ),
    );
  const end = (news: readonly BreakerNews[]): Versioned =>
    news.reduce((at, one) => adopt(at, one, 0), initial);
  fc.assert(
    fc.property(shuffledTwice, ([one, other]) => {
      assert.deepEqual(end(one), end(other));
    }),
  );
});

test('what one tells, the other becomes', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      let other = initial;
      for (const { after, now } of play(history)) {
        if (after.publish) other = adopt(other, toNews('b', after, now), now);
        const mine = after.state.kind === 'half-open' ? 'open' : after.state.kind;
        assert.equal(other.state.kind, mine);
        assert.equal(other.version, after.version);
      }
    }),
  );
});
