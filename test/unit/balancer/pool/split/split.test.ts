import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Pool } from '../../../../../src/balancer/contract.ts';
import { createPool } from '../../../../../src/balancer/pool/create-pool.ts';
import type { PoolSettings, SplitSettings } from '../../../../../src/protocol/balance.ts';
import { createState } from '../../../../../src/state/create.ts';
import type { FakeRequest, FakeTools } from '../../../../support/fake-pool.ts';
import { ask, end, fakeTools, memberOf, snapshotOf } from '../../../../support/fake-pool.ts';
import { until } from '../../../../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'sk-split-'));
after(() => rmSync(folder, { recursive: true }));
const moduleOf = (name: string, source: string): string => {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
};

const slots = [0, 1, 2, 3].map((slot) => memberOf(`worker ${slot}`, { slot, place: `web/${slot}` }));
const split = (by: SplitSettings['by'], fallback: string | null = null): SplitSettings => ({
  key: { from: 'header', name: 'x-tenant' },
  groups: { big: [0, 1], small: [2], named: ['worker 3'] },
  by,
  fallback,
});
const poolOf = (
  settings: SplitSettings,
  own: Partial<PoolSettings> = {},
  tools: FakeTools = fakeTools(),
): Pool => createPool(snapshotOf(slots, { ...own, split: settings }), undefined, tools);
const from = (pool: Pool, tenant: string): FakeRequest => ask(pool, { raw: ['X-Tenant', tenant] });
const settled = async (request: FakeRequest): Promise<string> => {
  await until('an answer', () => request.upstream ?? request.refused);
  return request.upstream?.id ?? request.refused?.why ?? '';
};

const table = {
  kind: 'table',
  table: { acme: 'big', tiny: 'small', solo: 'named', lost: 'nowhere' },
} as const;

test('table: a key to its group, and the policy within it', () => {
  const pool = poolOf(split(table));
  const served = Array.from({ length: 4 }, () => from(pool, 'acme').upstream?.id);
  assert.deepEqual(new Set(served), new Set(['worker 0', 'worker 1']));
  assert.equal(from(pool, 'tiny').upstream?.id, 'worker 2');
  assert.equal(from(pool, 'solo').upstream?.id, 'worker 3');
});

test('no group: 404, or the fallback', () => {
  for (const tenant of ['', 'unknown', 'lost', 'toString', '__proto__']) {
    assert.deepEqual(from(poolOf(split(table)), tenant).refused, {
      status: 404,
      why: 'no-group',
      retryAfterS: null,
    });
    assert.equal(from(poolOf(split(table, 'small')), tenant).upstream?.id, 'worker 2');
  }
});

test('a group whose workers are away waits for them, others do not', () => {
  const tools = fakeTools();
  const settings = split(table);
  const expected = { expected: true };
  const without = slots.filter(({ slot }) => slot !== 2);
  const first = createPool(snapshotOf(without, { split: settings }, expected), undefined, tools);
  const waiting = from(first, 'tiny');
  assert.ok(from(first, 'acme').upstream);
  assert.equal(first.queued, 1);
  createPool(snapshotOf(slots, { split: settings }, expected), first, tools);
  assert.equal(waiting.upstream?.id, 'worker 2');
});

test('one full group does not hold up another', () => {
  const pool = poolOf(split(table), { maxInFlight: 1 });
  const small = from(pool, 'tiny');
  const big = [from(pool, 'acme'), from(pool, 'acme')];
  const waiting = [from(pool, 'tiny'), from(pool, 'acme')];
  end(pool, big[0]!);
  assert.deepEqual([waiting[0]?.upstream, waiting[1]?.upstream?.id], [undefined, big[0]?.upstream?.id]);
  end(pool, small);
  assert.equal(waiting[0]?.upstream?.id, 'worker 2');
});

test('hash: the same key, the same group; all groups are used', () => {
  const pool = poolOf(split({ kind: 'hash' }));
  const seen = new Set<string>();
  const group = (id = ''): string => (id === 'worker 0' || id === 'worker 1' ? 'big' : id);
  for (let tenant = 0; tenant < 60; tenant += 1) {
    const groups = [1, 2, 3].map(() => group(from(pool, `t${tenant}`).upstream?.id));
    assert.equal(new Set(groups).size, 1);
    seen.add(groups[0]!);
  }
  assert.equal(seen.size, 3);
});

test('sticky works within the group', () => {
  const sticky = { by: 'cookie', name: 'at', maxAgeMs: null } as const;
  const pool = poolOf(split(table), { sticky });
  const first = from(pool, 'acme');
  const cookie = /at=[^;]*/.exec(pool.responseLines(first.asking, first.upstream!, ''))?.[0] ?? '';
  for (let request = 0; request < 6; request += 1)
    assert.equal(ask(pool, { raw: ['X-Tenant', 'acme', 'Cookie', cookie] }).upstream, first.upstream);
  assert.equal(ask(pool, { raw: ['X-Tenant', 'tiny', 'Cookie', cookie] }).upstream?.id, 'worker 2');
});

test('function: asked once for many requests, its answer holds for a moment', async () => {
  const module = moduleOf(
    'counts.mjs',
    `let calls = 0;
     export default async (key) => { calls += 1; return calls === 1 && key === 'acme' ? 'big' : 'small'; };`,
  );
  const tools = fakeTools();
  const pool = poolOf(split({ kind: 'function', module }), { policy: { name: 'round-robin' } }, tools);
  const many = Array.from({ length: 5 }, () => from(pool, 'acme'));
  assert.equal(pool.queued, 5);
  for (const request of many) assert.match(await settled(request), /worker [01]/);
  assert.match(from(pool, 'acme').upstream?.id ?? '', /worker [01]/, 'remembered: at once');
  tools.clock.pass(6_000);
  assert.equal(await settled(from(pool, 'acme')), 'worker 2', 'asked again');
});

for (const [name, source] of [
  ['throws.mjs', `export default () => { throw new Error('no database'); };`],
  ['rejects.mjs', `export default async () => { throw new Error('no database'); };`],
  ['wrong.mjs', `export default () => 7;`],
  ['none.mjs', `export const x = 1;`],
  ['broken.mjs', `throw new Error('broken');`],
] as const)
  test(`function that fails (${name}): 502 and a line in the log, or the fallback`, async () => {
    const module = moduleOf(name, source);
    const tools = fakeTools();
    const pool = poolOf(split({ kind: 'function', module }), {}, tools);
    const request = from(pool, 'acme');
    assert.equal(await settled(request), 'look-up-failed');
    assert.equal(request.refused?.status, 502);
    await settled(from(pool, 'other'));
    assert.deepEqual(tools.logged, ['the look-up of a group failed undefined'], 'said once');
    assert.equal(
      await settled(from(poolOf(split({ kind: 'function', module }, 'small')), 'acme')),
      'worker 2',
    );
  });

test('function that never answers: given up, and a client that leaves meanwhile is forgotten', async () => {
  const module = moduleOf('never.mjs', `export default () => new Promise(() => {});`);
  const tools = fakeTools();
  const pool = poolOf(split({ kind: 'function', module }), {}, tools);
  const [stays, leaves] = [from(pool, 'acme'), from(pool, 'acme')];
  pool.cancel(leaves);
  await until('the look-up to begin', () => tools.clock.pending() === 2);
  tools.clock.pass(2_000);
  assert.equal(await settled(stays), 'look-up-failed');
  assert.deepEqual([leaves.upstream, leaves.refused, pool.queued], [undefined, undefined, 0]);
});

test('CommonJS with a function works too', async () => {
  const module = moduleOf('group.cjs', `module.exports = (key) => key === 'acme' ? 'small' : undefined;`);
  assert.equal(await settled(from(poolOf(split({ kind: 'function', module })), 'acme')), 'worker 2');
  assert.equal(await settled(from(poolOf(split({ kind: 'function', module })), 'x')), 'no-group');
});

test('state: what the app writes decides, a second later at most', async () => {
  const state = createState({ url: 'memory:' });
  await state.set('tenant:acme', 'small');
  await state.set('tenant:odd', 7);
  const tools = fakeTools({ state: () => state });
  const pool = poolOf(split({ kind: 'state', prefix: 'tenant:' }), {}, tools);
  assert.equal(await settled(from(pool, 'acme')), 'worker 2');
  await state.set('tenant:acme', 'named');
  assert.equal(from(pool, 'acme').upstream?.id, 'worker 2');
  tools.clock.pass(1_000);
  assert.equal(await settled(from(pool, 'acme')), 'worker 3');
  assert.equal(await settled(from(pool, 'nobody')), 'no-group');
  assert.equal(await settled(from(pool, 'odd')), 'look-up-failed');
  assert.equal(await settled(from(pool, 'x'.repeat(1_000))), 'no-group');
  await state.close();
});
