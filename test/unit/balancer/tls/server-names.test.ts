import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byServerName } from '../../../../src/balancer/tls/server-names.ts';

test('the exact name, then the wildcard for one label, then nothing', () => {
  const find = byServerName([
    { names: ['example.com', '*.example.com'], value: 1 },
    { names: ['api.example.com'], value: 2 },
    { names: ['example.com'], value: 3 },
  ]);
  assert.equal(find('example.com'), 1);
  assert.equal(find('EXAMPLE.com.'), 1);
  assert.equal(find('www.example.com'), 1);
  assert.equal(find('api.example.com'), 2);
  assert.equal(find('a.b.example.com'), undefined);
  assert.equal(find('com'), undefined);
  assert.equal(find(''), undefined);
});
