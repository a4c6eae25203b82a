import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Pool, PoolMember } from '../../../../../src/balancer/contract.ts';
import { createPool } from '../../../../../src/balancer/pool/create-pool.ts';
import type { TryResult } from '../../../../../src/balancer/pool/try-result.ts';
import { defaultActiveHealth, defaultPassiveHealth } from '../../../../../src/config/balance-defaults.ts';
import type { FakeTools } from '../../../../support/fake-pool.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../../support/fake-pool.ts';
import { until } from '../../../../support/wait.ts';

const passiveHealth = { ...defaultPassiveHealth, failures: 3, ejectMs: 1_000 };
const poolOf = (ids: readonly string[], tools: FakeTools, own = {}): Pool =>
  createPool(snapshotOf(ids, { policy: { name: 'round-robin' }, passiveHealth, ...own }), undefined, tools);
const states = (pool: Pool): string =>
  pool
    .report()
    .map(({ availability }) => availability)
    .join(' ');
const members = (pool: Pool, count: number): PoolMember[] => {
  const asked = Array.from({ length: count }, () => ask(pool));
  for (const request of asked) end(pool, request);
  return asked.map(({ upstream }) => upstream!).toSorted((one, other) => one.id.localeCompare(other.id));
};
const fail = (pool: Pool, upstream: PoolMember, times: number, result: TryResult = 'closed'): void => {
  for (let time = 0; time < times; time += 1) pool.observe(upstream, result, 1);
};

test('ejected, tried by one request, and back', () => {
  const tools = fakeTools();
  const pool = poolOf(['a', 'b'], tools);
  const [a] = members(pool, 2);
  fail(pool, a!, 3);
  assert.equal(states(pool), 'ejected up');
  for (let request = 0; request < 5; request += 1) assert.equal(members(pool, 1)[0]?.id, 'b');
  tools.clock.pass(1_000);
  assert.equal(states(pool), 'up up');
  const first = [ask(pool), ask(pool), ask(pool)];
  assert.deepEqual(first.filter(({ upstream }) => upstream === a).length, 1, 'one tries it');
  pool.observe(a!, 'ok', 1);
  for (const request of first) end(pool, request);
  assert.equal(states(pool), 'up up');
  assert.equal(pool.report()[0]?.ejections, 1);
  assert.equal(pool.report()[0]?.failures, 3);
  assert.deepEqual(tools.logged, [
    'upstream ejected after failures of requests a',
    'upstream serves again a',
  ]);
  pool.close();
  assert.equal(tools.clock.pending(), 0);
});

test('the one that tries it and fails, and the one whose client leaves', () => {
  const tools = fakeTools();
  const pool = poolOf(['a', 'b'], tools);
  const [a, b] = members(pool, 2);
  fail(pool, a!, 3);
  tools.clock.pass(1_000);
  pool.observe(b!, 'ok', 1);
  let trial = ask(pool);
  while (trial.upstream !== a) {
    end(pool, trial);
    trial = ask(pool);
  }
  assert.equal(states(pool), 'ejected up');
  end(pool, trial);
  assert.equal(states(pool), 'up up', 'its client left: the next one tries');
  fail(pool, a!, 1);
  assert.equal(states(pool), 'ejected up');
  tools.clock.pass(1_999);
  assert.equal(states(pool), 'ejected up', 'longer than before');
  tools.clock.pass(1);
  assert.equal(states(pool), 'up up');
});

test('one bad URL cannot empty the pool, and a single upstream stays', () => {
  for (const count of [1, 2, 3, 4, 8]) {
    const tools = fakeTools();
    const pool = poolOf('abcdefgh'.slice(0, count).split(''), tools);
    for (let round = 0; round < 5; round += 1)
      for (const one of members(pool, count)) fail(pool, one, 3, 'error-status');
    const up = pool.report().filter(({ availability }) => availability === 'up').length;
    assert.ok(up >= Math.max(1, count / 2), `${up} of ${count}`);
    assert.equal(pool.report().length - up, count === 1 ? 0 : Math.max(1, Math.floor(count / 2)));
  }
});

test('no passive health: nothing is ejected', () => {
  const pool = poolOf(['a', 'b'], fakeTools(), { passiveHealth: null });
  fail(pool, members(pool, 2)[0]!, 50);
  assert.equal(states(pool), 'up up');
});

test('a worker that refuses connections is left at once, even the only one; requests wait for it', () => {
  const tools = fakeTools();
  const pool = createPool(snapshotOf([memberOf('a', { slot: 0 })]), undefined, tools);
  const first = ask(pool);
  pool.observe(first.upstream!, 'connect', 0);
  end(pool, first);
  const again = ask(pool, {}, [first.upstream!]);
  const other = ask(pool);
  assert.deepEqual([states(pool), again.upstream, other.upstream], ['down', undefined, undefined]);
  tools.clock.pass(100);
  assert.equal(again.upstream, undefined, 'it has failed this one already');
  assert.equal(other.upstream, first.upstream, 'it may have been full for a moment only');
  pool.observe(other.upstream!, 'ok', 1);
  end(pool, other);
  assert.equal(again.upstream, first.upstream, 'and was');
  end(pool, again);
  assert.equal(states(pool), 'up');
});

test('active checks: on trial at first, newcomers wait for a pass, fall and rise', async () => {
  let healthy = true;
  let checks = 0;
  const server = createServer((_request, response) => {
    checks += 1;
    response.writeHead(healthy ? 200 : 500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = { kind: 'tcp', host: '127.0.0.1', port } as const;
  const tools = fakeTools();
  const settings = { activeHealth: { ...defaultActiveHealth, fall: 2, rise: 2 } };
  const pool = createPool(snapshotOf([memberOf('a', { address })], settings), undefined, tools);
  assert.equal(states(pool), 'up', 'on trial');
  await until('the first check, at once', () => checks === 1 && tools.clock.pending() === 1);

  const both = [memberOf('a', { address }), memberOf('b', { address })];
  const second = createPool(snapshotOf(both, settings), pool, tools);
  assert.equal(states(second), 'up down', 'who comes later waits');
  await until('its pass', () => states(second) === 'up up');

  healthy = false;
  const checkAll = async (): Promise<void> => {
    const before = checks;
    await until('both to be scheduled', () => tools.clock.pending() === 2);
    tools.clock.pass(2_300);
    await until('a check of each', () => checks >= before + 2 && tools.clock.pending() === 2);
  };
  await checkAll();
  await until('both down', async () => {
    if (states(second) === 'down down') return true;
    await checkAll();
    return false;
  });
  const waiting = ask(second);
  assert.equal(waiting.upstream, undefined);
  healthy = true;
  second.cancel(waiting);
  await until('both up', async () => {
    if (states(second) === 'up up') return true;
    await checkAll();
    return false;
  });
  assert.ok(tools.logged.includes('upstream is down: its health check fails a'));
  second.close();
  assert.equal(tools.clock.pending(), 0);
  server.closeAllConnections();
  server.close();
});

test('active checks switched on later: who serves already is on trial; switched off, all serve', () => {
  const tools = fakeTools();
  const checked = { activeHealth: { ...defaultActiveHealth } };
  const plain = createPool(snapshotOf(['a']), undefined, tools);
  const on = createPool(snapshotOf(['a'], checked), plain, tools);
  assert.equal(states(on), 'up');
  const more = createPool(snapshotOf(['a', 'b'], checked), on, tools);
  assert.equal(states(more), 'up down');
  const off = createPool(snapshotOf(['a', 'b']), more, tools);
  assert.equal(states(off), 'up up');
  off.close();
});
