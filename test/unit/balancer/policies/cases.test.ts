/** What every policy does, whatever else it does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicyName, PolicyTools } from '../../../../src/balancer/policies/by-name.ts';
import { policies } from '../../../../src/balancer/policies/by-name.ts';
import type { Upstream } from '../../../../src/balancer/upstream.ts';
import { newUpstream } from '../../../../src/balancer/upstream.ts';

/** Numbers in [0, 1) that are the same in every run. */
const seeded = (seed = 1): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};
const tools = (): PolicyTools => ({ random: seeded(), now: () => 0 });

const pool = (...weights: readonly number[]): Upstream[] =>
  weights.map((weight, index) => newUpstream('abcdefgh'[index] ?? `u${index}`, weight));

/** How often each is picked in `picks` requests of as many keys; `hold`: none of them ever ends. */
const shares = (name: PolicyName, candidates: readonly Upstream[], picks: number, hold = false): number[] => {
  const policy = policies[name](tools());
  const counts = new Map<Upstream, number>(candidates.map((one) => [one, 0]));
  for (let request = 0; request < picks; request += 1) {
    const picked = policy.pick(candidates, `key ${request}`);
    assert.ok(picked !== undefined);
    if (hold) picked.inFlight += 1;
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  return [...counts.values()];
};

interface Case {
  readonly name: string;
  readonly candidates: () => Upstream[];
  /** Ids that may be picked; none: undefined is. */
  readonly picks: readonly string[];
}

const table: readonly Case[] = [
  { name: 'none', candidates: () => [], picks: [] },
  { name: 'one', candidates: () => pool(1), picks: ['a'] },
  {
    name: 'one, heavy and busy',
    candidates: () => pool(7).map((one) => ({ ...one, inFlight: 99 })),
    picks: ['a'],
  },
  { name: 'one of weight 0', candidates: () => pool(0), picks: [] },
  { name: 'all of weight 0', candidates: () => pool(0, 0, 0), picks: [] },
  { name: 'weight 0 before another', candidates: () => pool(0, 1), picks: ['b'] },
  { name: 'weight 0 after another', candidates: () => pool(1, 0), picks: ['a'] },
  {
    name: 'weight 0, idle, among busy ones',
    candidates: () => pool(1, 0, 2).map((one) => ({ ...one, inFlight: one.weight === 0 ? 0 : 9 })),
    picks: ['a', 'c'],
  },
  { name: 'a weight that is no number', candidates: () => pool(NaN, 1), picks: ['b'] },
  { name: 'fractions', candidates: () => pool(0.1, 0.25), picks: ['a', 'b'] },
];

const names = Object.keys(policies) as PolicyName[];

for (const policyName of names) {
  for (const { name, candidates, picks } of table)
    test(`${policyName}: ${name}`, () => {
      const policy = policies[policyName](tools());
      const list = candidates();
      for (const key of ['', ...Array.from({ length: 200 }, (_, index) => `key ${index}`)]) {
        const picked = policy.pick(list, key);
        if (picks.length === 0) assert.equal(picked, undefined);
        else assert.ok(picked !== undefined && picks.includes(picked.id), picked?.id);
      }
    });

  test(`${policyName}: while requests last, shares follow the weights`, () => {
    for (const [index, count] of shares(policyName, pool(1, 2, 5), 4_000, true).entries()) {
      const exact = ([1, 2, 5][index] ?? 0) * 500;
      assert.ok(Math.abs(count - exact) < exact * 0.12, `${count} instead of ${exact}`);
    }
  });

  test(`${policyName}: who is new gets no burst`, () => {
    const old = pool(1, 1, 1);
    shares(policyName, old, 1_000);
    const policy = policies[policyName](tools());
    const all = [...old, newUpstream('new', 1)];
    const first = Array.from({ length: 40 }, (_, request) => policy.pick(all, `key ${request}`)?.id);
    const its = first.filter((id) => id === 'new').length;
    assert.ok(its <= 18, `${its} of the first 40, where 10 are its share`);
  });

  test(`${policyName}: always one of those it was given, with a weight, when there is one`, () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            weight: fc.oneof(
              fc.constant(0),
              fc.integer({ min: 1, max: 100 }),
              fc.double({ min: 0.001, max: 9 }),
            ),
            inFlight: fc.nat(1_000),
            ms: fc.double({ min: 0, max: 9_999, noNaN: true }),
            answered: fc.boolean(),
          }),
          { maxLength: 9 },
        ),
        fc.array(fc.string(), { minLength: 1, maxLength: 20 }),
        fc.infiniteStream(fc.boolean()),
        (members, keys, keeps) => {
          const policy = policies[policyName](tools());
          const all = members.map(({ weight, inFlight }, index) => {
            const upstream = newUpstream(`u${index}`, weight);
            upstream.inFlight = inFlight;
            return upstream;
          });
          for (const [index, one] of all.entries())
            policy.observe?.(one, members[index]?.answered ?? true, members[index]?.ms ?? 1);
          for (const key of keys) {
            // Another filter for every request.
            const candidates = all.filter(() => keeps.next().value);
            const possible = candidates.filter((one) => one.weight > 0);
            const picked = policy.pick(candidates, key);
            assert.equal(picked !== undefined, possible.length > 0);
            assert.ok(picked === undefined || possible.includes(picked));
          }
        },
      ),
    );
  });
}

test('the same pool at rest is shared by weight where a policy goes by weight alone', () => {
  for (const name of ['round-robin', 'least-connections', 'least-time', 'random', 'hash'] as const)
    for (const [index, count] of shares(name, pool(1, 2, 5), 8_000).entries()) {
      const exact = ([1, 2, 5][index] ?? 0) * 1_000;
      assert.ok(
        Math.abs(count - exact) < exact * (name === 'hash' ? 0.7 : 0.1),
        `${name}: ${count}, not ${exact}`,
      );
    }
});
