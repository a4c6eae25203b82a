import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPool } from '../../../../../src/balancer/pool/create-pool.ts';
import type { Pool, PoolMember } from '../../../../../src/balancer/contract.ts';
import type { MemberSnapshot, PoolSettings, StickySettings } from '../../../../../src/protocol/balance.ts';
import type { FakeTools } from '../../../../support/fake-pool.ts';
import { ask, askingOf, end, fakeTools, memberOf, snapshotOf } from '../../../../support/fake-pool.ts';

const own: StickySettings = { by: 'cookie', name: 'at', maxAgeMs: null };
const ids = ['a', 'b', 'c', 'd'];

const poolOf = (
  sticky: StickySettings,
  members: readonly (string | MemberSnapshot)[] = ids,
  settings: Partial<PoolSettings> = {},
  before?: Pool,
  tools: FakeTools = fakeTools(),
): Pool => createPool(snapshotOf(members, { ...settings, sticky }), before, tools);

/** The `name=value` that a response sets. */
const cookieOf = (lines: string): string => /^Set-Cookie: ([^;]*);/m.exec(lines)?.[1] ?? '';
const answer = (pool: Pool, upstream: PoolMember | undefined, cookie = '', lines = ''): string =>
  pool.responseLines(askingOf({ raw: ['Cookie', cookie] }), upstream!, lines);
const visit = (pool: Pool, cookie: string): PoolMember | undefined => {
  const asked = ask(pool, { raw: ['Cookie', cookie] });
  end(pool, asked);
  return asked.upstream;
};
const movedFrom = (pool: Pool, id: string): number | undefined =>
  pool.report().find((one) => one.id === id)?.moved;

test('own cookie: set once, and every request with it comes back', () => {
  const pool = poolOf(own);
  const first = visit(pool, '');
  const lines = answer(pool, first);
  assert.match(lines, /^Set-Cookie: at=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax\r\n$/);
  const cookie = cookieOf(lines);
  for (let request = 0; request < 20; request += 1) {
    const upstream = visit(pool, `x=1; ${cookie}; y=2`);
    assert.equal(upstream, first);
    assert.equal(answer(pool, upstream, cookie), '', 'set only when it changes');
  }
  assert.equal(pool.cookieFor(`x=1; ${cookie}; y=2`), 'x=1; y=2');
  assert.equal(pool.cookieFor(cookie), undefined);
});

test('own cookie: Secure over TLS, Max-Age when asked for', () => {
  const pool = poolOf({ by: 'cookie', name: 'at', maxAgeMs: 60_000 });
  const lines = pool.responseLines(askingOf({ secure: true }), visit(pool, '')!, '');
  assert.match(lines, /; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax; Secure\r\n$/);
});

test('own cookie: another balancer with the same key understands it, one with another key does not', () => {
  const pool = poolOf(own);
  const cookie = cookieOf(answer(pool, visit(pool, 'nothing')));
  const home = visit(pool, cookie)?.id;
  for (let time = 0; time < 8; time += 1) assert.equal(visit(poolOf(own), cookie)?.id, home);
  const stranger = poolOf(own, ids, {}, undefined, fakeTools({ stickyKey: Buffer.alloc(32, 9) }));
  assert.notEqual(answer(stranger, visit(stranger, cookie), cookie), '');
});

test('own cookie: it does not tell what the upstream is', () => {
  const pool = poolOf(own, [memberOf('10.0.0.7:3000')]);
  assert.doesNotMatch(answer(pool, visit(pool, '')), /10\.0|3000/);
});

test('a draining upstream keeps its sessions and gets no new ones; gone, they move and that counts', () => {
  const tools = fakeTools();
  const pool = poolOf(own, ids, {}, undefined, tools);
  const home = visit(pool, '')!;
  const cookie = cookieOf(answer(pool, home));
  const draining = ids.map((id) => memberOf(id, { state: id === home.id ? 'draining' : 'up' }));
  const second = poolOf(own, draining, {}, pool, tools);
  for (let request = 0; request < 12; request += 1) {
    assert.equal(visit(second, cookie), home);
    assert.notEqual(visit(second, ''), home);
  }
  const place = home.id;
  const rest = [...ids.filter((id) => id !== home.id), memberOf('new', { place })];
  const third = poolOf(own, rest, {}, second, tools);
  const next = visit(third, cookie)!;
  assert.notEqual(next, home);
  const moved = answer(third, next, cookie);
  assert.equal(visit(third, cookieOf(moved)), next);
  assert.equal(movedFrom(third, 'new'), 1, 'counted at the place it left');
  assert.equal(answer(third, next, cookieOf(moved)), '');
});

test('maintenance and failing checks move sessions at once', () => {
  const tools = fakeTools();
  const pool = poolOf(own, ids, {}, undefined, tools);
  const home = visit(pool, '')!;
  const cookie = cookieOf(answer(pool, home));
  const members = ids.map((id) => memberOf(id, { state: id === home.id ? 'maintenance' : 'up' }));
  const second = poolOf(own, members, {}, pool, tools);
  const next = visit(second, cookie)!;
  assert.notEqual(next, home);
  answer(second, next, cookie);
  assert.equal(movedFrom(second, home.id), 1);
});

test('a session waits for its own upstream while that is full, but not for ever', () => {
  const tools = fakeTools();
  const settings = { maxInFlight: 1, queue: { size: 9, timeoutMs: 4_000 } };
  const pool = poolOf(own, ['a', 'b'], settings, undefined, tools);
  const holder = ask(pool);
  const cookie = cookieOf(answer(pool, holder.upstream));
  const [patient, lucky] = [ask(pool, { raw: ['Cookie', cookie] }), ask(pool, { raw: ['Cookie', cookie] })];
  assert.equal(pool.queued, 2);
  end(pool, holder);
  assert.equal(patient.upstream, holder.upstream);
  tools.clock.pass(2_000);
  assert.notEqual(lucky.upstream, holder.upstream);
  assert.ok(lucky.upstream !== undefined, 'after half of the time it is content with the other');
  assert.equal(tools.clock.pending(), 0);
});

test('one that waits for its session does not hold up who needs anybody', () => {
  const pool = poolOf(own, ['a', 'b'], { maxInFlight: 1 });
  const [first, second] = [ask(pool), ask(pool)];
  const cookie = cookieOf(answer(pool, first.upstream));
  const bound = ask(pool, { raw: ['Cookie', cookie] });
  const free = ask(pool);
  end(pool, second);
  assert.equal(free.upstream, second.upstream);
  assert.equal(bound.upstream, undefined);
  end(pool, first);
  assert.equal(bound.upstream, first.upstream);
});

test('two sessions over one connection each come to their own', () => {
  const pool = poolOf(own);
  const cookies = ids.map((id) => {
    const upstream = pool.report().findIndex((one) => one.id === id);
    let found: PoolMember | undefined;
    while (found?.id !== id) found = visit(pool, '');
    assert.ok(upstream >= 0);
    return [id, cookieOf(answer(pool, found))] as const;
  });
  for (let round = 0; round < 3; round += 1)
    for (const [id, cookie] of cookies) assert.equal(visit(pool, cookie)?.id, id);
});

for (const [name, sticky, parts] of [
  ['header', { by: 'header', name: 'x-session' }, (key: string) => ({ raw: ['X-Session', key] })],
  ['address', { by: 'address' }, (key: string) => ({ address: key })],
] as const)
  test(`${name}: the same value, the same upstream, in all balancers, however loaded`, () => {
    const pools = [poolOf(sticky), poolOf(sticky)];
    const used = new Set<string>();
    for (let key = 0; key < 50; key += 1) {
      const asked = [0, 1, 2, 3, 4].flatMap(() =>
        pools.map((pool) => ask(pool, parts(`key ${key}`)).upstream),
      );
      assert.equal(new Set(asked.map((upstream) => upstream?.id)).size, 1);
      used.add(asked[0]!.id);
    }
    assert.equal(used.size, ids.length);
    assert.equal(answer(pools[0]!, ask(pools[0]!).upstream), '');
  });

const app: StickySettings = { by: 'app-cookie', name: 'sid' };

test("app's cookie: who set it has the session, here and in another balancer", () => {
  const pool = poolOf(app);
  assert.equal(answer(pool, visit(pool, '')), '', 'no session, no cookie');
  for (let session = 0; session < 20; session += 1) {
    const home = visit(pool, '')!;
    const set = `Content-Type: text/html\r\nset-cookie: sid=s${session}; Path=/; HttpOnly\r\n`;
    const lines = answer(pool, home, '', set);
    const beside = cookieOf(lines);
    assert.match(lines, /^Set-Cookie: sid\.at=/);
    assert.equal(visit(pool, `sid=s${session}`), home, 'learned');
    assert.equal(visit(poolOf(app), `sid=s${session}; ${beside}`)?.id, home.id, 'in the cookie beside');
    assert.equal(answer(pool, home, `sid=s${session}; ${beside}`), '');
    assert.equal(pool.cookieFor(`sid=s${session}; ${beside}`), `sid=s${session}`);
    const guesses: (string | undefined)[] = [poolOf(app), poolOf(app)].map(
      (other) => visit(other, `sid=s${session}`)?.id,
    );
    assert.equal(guesses[0], guesses[1], 'who knows nothing at least agrees');
  }
});

test("app's cookie: the session of an upstream that went moves, once", () => {
  const tools = fakeTools();
  const pool = poolOf(app, ids, {}, undefined, tools);
  const home = visit(pool, '')!;
  const beside = cookieOf(answer(pool, home, '', 'Set-Cookie: sid=s\r\n'));
  const rest = [...ids.filter((id) => id !== home.id), memberOf('new', { place: home.place })];
  const second = poolOf(app, rest, {}, pool, tools);
  const next = visit(second, `sid=s; ${beside}`)!;
  const again = cookieOf(answer(second, next, `sid=s; ${beside}`));
  assert.equal(visit(second, `sid=s; ${again}`), next);
  answer(second, next, `sid=s; ${again}`);
  assert.equal(movedFrom(second, 'new'), 1);
});

test('nonsense in cookies never throws and never finds anybody', () => {
  for (const sticky of [own, app]) {
    const pool = poolOf(sticky);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('at=', 'sid=', ';', ',', '.', '"'))),
        (parts) => {
          const cookie = parts.join('');
          const upstream = visit(pool, cookie);
          assert.ok(upstream !== undefined);
          answer(pool, upstream, cookie, `Set-Cookie: ${cookie}\r\n`);
          pool.cookieFor(cookie);
        },
      ),
    );
  }
});
