import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthRegistry } from '../../../../src/cluster-api/health/registry.ts';

const setUp = () => {
  const told: string[] = [];
  const registry = createHealthRegistry(({ status }) => told.push(status));
  return { told, registry };
};

test('without checks all is well', () => {
  assert.deepEqual(setUp().registry.report(), { status: 'healthy', checks: [] });
});

test('unknown until each has answered, unhealthy as soon as one fails', () => {
  const { told, registry } = setUp();
  registry.expect('database');
  registry.expect('queue');
  assert.equal(registry.report().status, 'unknown');
  registry.note({ name: 'database', ok: true, ms: 2 });
  assert.equal(registry.report().status, 'unknown');
  registry.note({ name: 'queue', ok: false, reason: 'away', ms: 2 });
  assert.equal(registry.report().status, 'unhealthy');
  registry.note({ name: 'queue', ok: true, ms: 2 });
  assert.deepEqual(registry.report(), {
    status: 'healthy',
    checks: [
      { name: 'database', ok: true, ms: 2 },
      { name: 'queue', ok: true, ms: 2 },
    ],
  });
  assert.deepEqual(told, ['unknown', 'unknown', 'unknown', 'unhealthy', 'healthy']);
});

test('another time is no change, another reason is', () => {
  const { told, registry } = setUp();
  registry.expect('database');
  for (const ms of [1, 2, 3]) registry.note({ name: 'database', ok: true, ms });
  registry.note({ name: 'database', ok: false, reason: 'refused', ms: 1 });
  registry.note({ name: 'database', ok: false, reason: 'reset', ms: 1 });
  assert.deepEqual(told, ['unknown', 'healthy', 'unhealthy', 'unhealthy']);
});

test('what is taken off counts no more, also when its answer comes afterwards', () => {
  const { told, registry } = setUp();
  registry.expect('database');
  registry.remove('database');
  registry.note({ name: 'database', ok: false, reason: 'late', ms: 1 });
  assert.equal(registry.has('database'), false);
  assert.deepEqual(told, ['unknown', 'healthy']);
});
