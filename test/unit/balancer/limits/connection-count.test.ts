import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionCount } from '../../../../src/balancer/limits/connection-count.ts';

test('connections are counted in all', () => {
  const count = new ConnectionCount();
  assert.ok(count.admit({ connections: 2 }));
  assert.ok(count.admit({ connections: 2 }));
  assert.ok(!count.admit({ connections: 2 }));
  count.left();
  assert.ok(count.admit({ connections: 2 }));
  assert.ok(count.admit({ connections: null }));
  assert.equal(count.total, 3);
});

test('connections are counted by address, and addresses that have none are forgotten', () => {
  const count = new ConnectionCount();
  const limits = { connectionsPerAddress: 2 };
  assert.ok(count.admitFrom('192.0.2.1', limits));
  assert.ok(count.admitFrom('192.0.2.1', limits));
  assert.ok(!count.admitFrom('192.0.2.1', limits));
  assert.ok(count.admitFrom('192.0.2.2', limits));
  count.leftFrom('192.0.2.1');
  assert.ok(count.admitFrom('192.0.2.1', limits));
  for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) count.leftFrom(address);
  assert.equal(count.addresses, 0);
  for (let at = 0; at < 5; at += 1) assert.ok(count.admitFrom(undefined, limits));
  assert.equal(count.addresses, 0);
});
