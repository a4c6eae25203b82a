/** Which upstream a request gets, for everything that a pool knows of its upstreams at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from '../../../../src/balancer/pool/create-pool.ts';
import type { PolicyName } from '../../../../src/balancer/policies/by-name.ts';
import { policies } from '../../../../src/balancer/policies/by-name.ts';
import type { MemberSnapshot, PolicySettings, PoolSettings } from '../../../../src/protocol/balance.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../support/fake-pool.ts';

const policyOf = (name: PolicyName): PolicySettings =>
  name === 'hash' ? { name, by: { from: 'header', name: 'x-key' } } : { name };

interface Case {
  readonly name: string;
  readonly members: readonly MemberSnapshot[];
  readonly settings?: Partial<PoolSettings>;
  /** Requests that stay. */
  readonly held?: number;
  /** Those that further requests may get; empty: they wait. Or why they are refused. */
  readonly gets: readonly string[] | 'no-upstream';
}

const table: readonly Case[] = [
  { name: 'one', members: [memberOf('a')], gets: ['a'] },
  { name: 'one that drains', members: [memberOf('a', { state: 'draining' })], gets: 'no-upstream' },
  { name: 'one in maintenance', members: [memberOf('a', { state: 'maintenance' })], gets: 'no-upstream' },
  { name: 'one of weight 0', members: [memberOf('a', { weight: 0 })], gets: 'no-upstream' },
  {
    name: 'one drains, one serves',
    members: [memberOf('a', { state: 'draining' }), memberOf('b')],
    gets: ['b'],
  },
  {
    name: 'a backup rests',
    members: [memberOf('a'), memberOf('b', { backup: true })],
    gets: ['a'],
  },
  {
    name: 'the primary is in maintenance: the backup serves',
    members: [memberOf('a', { state: 'maintenance' }), memberOf('b', { backup: true })],
    gets: ['b'],
  },
  {
    name: 'full ones are passed over',
    members: [memberOf('a'), memberOf('b')],
    settings: { maxInFlight: 2, policy: { name: 'round-robin' } },
    held: 3,
    gets: ['a', 'b'],
  },
  {
    name: 'the primary is full: the backup serves',
    members: [memberOf('a'), memberOf('b', { backup: true })],
    settings: { maxInFlight: 1 },
    held: 1,
    gets: ['b'],
  },
  {
    name: 'all full',
    members: [memberOf('a'), memberOf('b')],
    settings: { maxInFlight: 1 },
    held: 2,
    gets: [],
  },
];

for (const name of Object.keys(policies) as PolicyName[])
  for (const { name: what, members, settings, held = 0, gets } of table)
    test(`${name}: ${what}`, () => {
      const pool = createPool(
        snapshotOf(members, { ...settings, policy: policyOf(name) }),
        undefined,
        fakeTools(),
      );
      for (let request = 0; request < held; request += 1)
        assert.ok(ask(pool, { raw: ['X-Key', `held ${request}`] }).upstream);
      for (let request = 0; request < 20; request += 1) {
        const asked = ask(pool, { raw: ['X-Key', `key ${request}`] });
        if (gets === 'no-upstream') assert.equal(asked.refused?.why, 'no-upstream');
        else if (gets.length === 0) assert.deepEqual([asked.upstream, asked.refused], [undefined, undefined]);
        else assert.ok(gets.includes(asked.upstream?.id ?? ''), asked.upstream?.id);
        end(pool, asked);
        pool.cancel(asked);
      }
    });

test('who failed this request is not asked again, unless nobody else is up', () => {
  const pool = createPool(snapshotOf(['a', 'b']), undefined, fakeTools());
  const first = ask(pool).upstream!;
  const second = ask(pool, {}, [first]).upstream!;
  assert.notEqual(second, first);
  assert.ok(ask(pool, {}, [first, second]).upstream);
});

test('hash: a worker that starts again has the keys of its place', () => {
  const policy: PolicySettings = { name: 'hash', by: { from: 'header', name: 'x-key' } };
  const workers = (run: number): MemberSnapshot[] =>
    [0, 1, 2, 3].map((slot) => memberOf(`web/${slot}/${run}`, { place: `web/${slot}`, slot }));
  const places = (run: number): (string | undefined)[] => {
    const pool = createPool(snapshotOf(workers(run), { policy }), undefined, fakeTools());
    return Array.from({ length: 100 }, (_, key) => {
      const asked = ask(pool, { raw: ['X-Key', `${key}`] });
      end(pool, asked);
      return asked.upstream?.place;
    });
  };
  assert.deepEqual(places(1), places(2));
});

test('retries: a fifth of the requests, and three always', () => {
  const pool = createPool(snapshotOf(['a']), undefined, fakeTools());
  assert.deepEqual(
    [1, 2, 3, 4].map(() => pool.spendRetry()),
    [true, true, true, false],
  );
  for (let request = 0; request < 100; request += 1) end(pool, ask(pool));
  let retries = 3;
  while (pool.spendRetry()) retries += 1;
  assert.equal(retries, 20);
});

test('slow start: who joins a pool that serves gets little at first', () => {
  const tools = fakeTools();
  const settings = { slowStartMs: 10_000 };
  const first = createPool(snapshotOf(['a', 'b'], settings), undefined, tools);
  const weights = (): number[] => first.report().map(({ weight }) => weight);
  assert.deepEqual(weights(), [1, 1]);
  createPool(snapshotOf(['a', 'b', 'c'], settings), first, tools);
  assert.deepEqual(weights(), [1, 1, 0.1]);
  tools.clock.pass(5_000);
  assert.deepEqual(weights(), [1, 1, 0.5]);
  tools.clock.pass(5_000);
  assert.deepEqual(weights(), [1, 1, 1]);
  assert.equal(tools.clock.pending(), 0);
});
