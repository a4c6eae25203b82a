import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancerOf } from '../../../src/config/balance/balancer.ts';
import { readRoutes } from '../../../src/config/balance/routes.ts';
import { balanceWith } from '../../../src/config/balance/settle.ts';
import { specChanges } from '../../../src/supervisor/spec-changes.ts';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import { appSpec } from '../support/app-spec.ts';

const balancer = (...routes: readonly unknown[]): AppSpec =>
  appSpec({
    balancer: balancerOf(
      { listen: [{ address: '127.0.0.1:80' }], routes: readRoutes(routes, () => '--route') },
      () => '--route',
    ),
  });

test('routes of a balancer change live, and read as they are written', () => {
  const { effect, changed } = specChanges(
    balancer('/ -> web'),
    balancer('/ -> web', '/old -> http://10.0.0.7:3000,http://10.0.0.8:3000'),
  );
  assert.equal(effect, 'adjust');
  const urls = 'http://10.0.0.7:3000,http://10.0.0.8:3000';
  assert.deepEqual(changed, [
    { setting: 'balancer.routes', from: '/ -> web', to: `/old -> ${urls}, / -> web` },
    { setting: `balancer.pools.${urls}`, from: null, to: '10.0.0.7:3000,10.0.0.8:3000' },
  ]);
});

test('settings of a pool that stays are told one by one', () => {
  const from = balancer('/ -> http://10.0.0.7:3000');
  const to = structuredClone(from) as { balancer: { pools: Record<string, { settings: object }> } } & AppSpec;
  const pool = to.balancer.pools['http://10.0.0.7:3000']!;
  pool.settings = { ...pool.settings, connectTimeoutMs: 500 };
  assert.deepEqual(specChanges(from, to).changed, [
    { setting: 'balancer.settings.http://10.0.0.7:3000.connectTimeout', from: '2 s', to: '500 ms' },
  ]);
});

test('what a line has no room for is a change nevertheless', () => {
  const answer = (respond: string): AppSpec => balancer({ match: '/x', respond });
  assert.deepEqual(specChanges(answer('a'), answer('b')), {
    effect: 'adjust',
    changed: [{ setting: 'balancer.routes', from: null, to: null }],
  });
  assert.deepEqual(specChanges(answer('a'), answer('a')), { effect: 'none', changed: [] });
});

test('balancing turned on replaces the workers, another policy does not', () => {
  const off = appSpec({ accept: 'shared' });
  const on = appSpec({ accept: 'shared', balance: balanceWith(null, {}) });
  const other = appSpec({
    accept: 'shared',
    balance: balanceWith(null, { pool: { policy: { name: 'random' } } }),
  });
  assert.equal(specChanges(off, on).effect, 'reload');
  assert.deepEqual(specChanges(on, other), {
    effect: 'adjust',
    changed: [{ setting: 'balance.policy', from: 'least-connections', to: 'random' }],
  });
});
