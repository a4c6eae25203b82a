/** Whatever happens in whatever order, nothing is counted that is over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pool } from '../../../../src/balancer/contract.ts';
import { createPool } from '../../../../src/balancer/pool/create-pool.ts';
import type { TryResult } from '../../../../src/balancer/pool/try-result.ts';
import type { MemberState, PoolSettings, StickySettings } from '../../../../src/protocol/balance.ts';
import type { FakeRequest } from '../../../support/fake-pool.ts';
import { ask, fakeTools, memberOf, snapshotOf } from '../../../support/fake-pool.ts';

const member = fc.record({
  slot: fc.nat(3),
  run: fc.nat(2),
  weight: fc.integer({ min: 0, max: 3 }),
  backup: fc.boolean(),
  state: fc.constantFrom<MemberState>('up', 'up', 'up', 'draining', 'maintenance'),
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('take' as const), user: fc.nat(5) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(20),
      result: fc.constantFrom<TryResult>('ok', 'ok', 'error-status', 'connect', 'closed', 'timeout'),
      retry: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(4_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('snapshot' as const),
      members: fc.array(member, { maxLength: 5 }),
      expected: fc.boolean(),
    }),
  },
);

const settings = fc.record({
  maxInFlight: fc.constantFrom(null, 1, 2),
  policy: fc.constantFrom<PoolSettings['policy']>(
    { name: 'least-connections' },
    { name: 'least-time' },
    { name: 'hash', by: { from: 'header', name: 'x-user' } },
  ),
  sticky: fc.constantFrom<StickySettings | null>(
    null,
    { by: 'header', name: 'x-user' },
    { by: 'app-cookie', name: 'sid' },
  ),
  split: fc.constantFrom<PoolSettings['split']>(null, {
    key: { from: 'header', name: 'x-user' },
    groups: { left: [0, 1], right: [2, 3] },
    by: { kind: 'table', table: { 'user 0': 'left', 'user 1': 'right' } },
    fallback: 'left',
  }),
  queue: fc.constantFrom({ size: 3, timeoutMs: 1_000 }, { size: 100, timeoutMs: 5_000 }),
});

test('in flight is what is in flight, and in the end 0; nobody is called twice or forgotten', () => {
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 80 }), (own, steps) => {
      const tools = fakeTools();
      const places = [0, 1, 2].map((slot) => memberOf(`${slot}/0`, { slot, place: `web/${slot}` }));
      let pool: Pool = createPool(snapshotOf(places, own), undefined, tools);
      /** Each request has the pool it began with, as the data path does. */
      let open: { readonly pool: Pool; readonly request: FakeRequest }[] = [];
      const start = (from: Pool, user: number, tried: FakeRequest['tried'] = []): void => {
        const raw = ['X-User', `user ${user}`, 'Cookie', `sid=${user}`];
        open.push({ pool: from, request: ask(from, { raw }, tried) });
      };
      const close = (entry: (typeof open)[number]): void => {
        open = open.filter((other) => other !== entry);
      };

      for (const one of steps) {
        switch (one.kind) {
          case 'take':
            start(pool, one.user);
            break;
          case 'end': {
            const running = open.filter(({ request }) => request.upstream !== undefined);
            const entry = running[one.which % (running.length || 1)];
            if (entry?.request.upstream === undefined) break;
            const { upstream, tried } = entry.request;
            close(entry);
            entry.pool.observe(upstream, one.result, 5);
            entry.pool.release(upstream);
            if (one.retry && one.result !== 'ok') start(entry.pool, 1, [...tried, upstream]);
            break;
          }
          case 'cancel': {
            const waiting = open.filter(
              ({ request }) => request.upstream === undefined && request.refused === undefined,
            );
            const entry = waiting[one.which % (waiting.length || 1)];
            if (entry === undefined) break;
            close(entry);
            entry.pool.cancel(entry.request);
            break;
          }
          case 'pass':
            tools.clock.pass(one.ms);
            break;
          case 'snapshot': {
            const members = one.members.map(({ slot, run, weight, backup, state }) =>
              memberOf(`${slot}/${run}`, { slot, place: `web/${slot}`, weight, backup, state }),
            );
            pool = createPool(snapshotOf(members, own, { expected: one.expected }), pool, tools);
          }
        }
        const counts = new Map<unknown, number>();
        for (const { request } of open)
          if (request.upstream !== undefined)
            counts.set(request.upstream, (counts.get(request.upstream) ?? 0) + 1);
        for (const [upstream, count] of counts)
          assert.equal((upstream as { inFlight: number }).inFlight, count);
        const total = pool.report().reduce((sum, { inFlight }) => sum + inFlight, 0);
        assert.ok(total <= [...counts.values()].reduce((sum, count) => sum + count, 0));
        assert.ok(pool.queued <= own.queue.size);
      }

      tools.clock.pass(60_000);
      assert.equal(pool.queued, 0, 'nobody waits for ever');
      for (const { pool: from, request } of open) {
        assert.notEqual(request.upstream === undefined, request.refused === undefined);
        if (request.upstream === undefined) continue;
        from.release(request.upstream);
      }
      for (const { request } of open) assert.equal(request.upstream?.inFlight ?? 0, 0);
      assert.ok(pool.report().every(({ inFlight }) => inFlight === 0));
      pool.close();
      tools.clock.pass(60_000);
      assert.equal(tools.clock.pending(), 0);
    }),
    { numRuns: 500 },
  );
});
