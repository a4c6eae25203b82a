import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf } from '../../../../src/balancer/pool/key-of.ts';
import type { KeySource } from '../../../../src/protocol/balance.ts';

const jwt = (claims: unknown): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
const header: KeySource = { from: 'header', name: 'X-Tenant' };
const cookie: KeySource = { from: 'cookie', name: 'tenant' };
const query: KeySource = { from: 'query', name: 'tenant' };
const segment = (at: number): KeySource => ({ from: 'path', segment: at });
const claim = (name: string): KeySource => ({ from: 'jwt', header: 'authorization', claim: name });

for (const [source, target, raw, key] of [
  [header, '/', ['x-tenant', 'a'], 'a'],
  [header, '/', ['X-Tenant', 'a', 'X-TENANT', 'b'], 'a'],
  [header, '/', [], ''],
  [cookie, '/', ['Cookie', 'x=1; tenant=a'], 'a'],
  [cookie, '/', ['Cookie', 'x=1', 'cookie', 'tenant=a'], 'a'],
  [cookie, '/', ['Cookie', 'xtenant=1; tenantx=2; =tenant; tenant'], ''],
  [cookie, '/', ['Cookie', 'tenant=a=b; tenant=c'], 'a=b'],
  [query, '/x?tenant=a', [], 'a'],
  [query, '/x?other=1&tenant=a%20b+c', [], 'a b c'],
  [query, '/x?tenan%74=a', [], 'a'],
  [query, '/x?tenant=%zz', [], '%zz'],
  [query, '/x?tenant', [], ''],
  [query, '/x', [], ''],
  [segment(0), '/a/b', [], 'a'],
  [segment(1), '/a/b?c', [], 'b'],
  [segment(1), '/a', [], ''],
  [segment(0), '/', [], ''],
  [segment(0), '/%61', [], 'a'],
  [segment(0), '*', [], ''],
  [segment(0), 'http://example.com/a/b', [], 'a'],
  [claim('tenant'), '/', ['Authorization', `Bearer ${jwt({ tenant: 'a' })}`], 'a'],
  [claim('tenant'), '/', ['authorization', `bearer  ${jwt({ tenant: 7 })}`], '7'],
  [claim('tenant'), '/', ['Authorization', jwt({ tenant: true })], 'true'],
  [claim('https://x/t'), '/', ['Authorization', jwt({ 'https://x/t': 'a' })], 'a'],
  [claim('tenant'), '/', ['Authorization', jwt({ tenant: { a: 1 } })], ''],
  [claim('tenant'), '/', ['Authorization', jwt(['tenant'])], ''],
  [claim('tenant'), '/', ['Authorization', jwt(null)], ''],
  [claim('toString'), '/', ['Authorization', jwt({})], ''],
  [claim('__proto__'), '/', ['Authorization', jwt({})], ''],
  [claim('tenant'), '/', ['Authorization', 'Basic abc'], ''],
  [claim('tenant'), '/', ['Authorization', `${jwt({ tenant: 'a' })}.z.z`], ''],
  [claim('tenant'), '/', ['Authorization', jwt({ tenant: 'a', pad: 'x'.repeat(9_000) })], ''],
] as const)
  test(`${JSON.stringify(source)} of ${target} ${JSON.stringify(raw).slice(0, 60)} is ${JSON.stringify(key)}`, () => {
    assert.equal(keyOf(source, { target, raw }, undefined), key);
  });

test('the client address, which may be unknown', () => {
  assert.equal(keyOf({ from: 'address' }, { target: '/', raw: [] }, '192.0.2.7'), '192.0.2.7');
  assert.equal(keyOf({ from: 'address' }, { target: '/', raw: [] }, undefined), '');
});

test('nonsense gives a text of bounded length, always the same', () => {
  const sources = [header, cookie, query, segment(0), segment(3), claim('tenant'), claim('')];
  fc.assert(
    fc.property(
      fc.constantFrom(...sources),
      fc.string(),
      fc.array(fc.string()),
      fc.string(),
      (source, target, values, token) => {
        const raw = [
          'X-Tenant',
          values.join(','),
          'Cookie',
          values.join(';'),
          'Authorization',
          `Bearer x.${token}.y`,
        ];
        const key = keyOf(source, { target, raw }, undefined);
        assert.equal(typeof key, 'string');
        assert.ok(key.length <= 1024);
        assert.equal(keyOf(source, { target, raw }, undefined), key);
      },
    ),
  );
  assert.equal(keyOf(header, { target: '/', raw: ['x-tenant', 'x'.repeat(5_000)] }, undefined).length, 1024);
  const deep = `x.${Buffer.from('['.repeat(6_000)).toString('base64url')}.y`;
  assert.equal(keyOf(claim('a'), { target: '/', raw: ['authorization', deep] }, undefined), '');
});
