import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorkerOf, workersOf } from '../../../src/os/orphans.ts';

const boot = (value: string): string => `PATH=/bin\0SKEIN_BOOT=${value}\0HOME=/`;

test('a worker is known by the socket that it was started with', () => {
  assert.ok(isWorkerOf(boot('{"socket":"/a/workers.sock"}'), '/a/workers.sock'));
  for (const environ of [
    '',
    'PATH=/a/workers.sock',
    boot('{'),
    boot('{"socket":"/b/workers.sock"}'),
    boot('{}'),
  ])
    assert.ok(!isWorkerOf(environ, '/a/workers.sock'), environ);
});

test('none of a home that nobody uses', () => {
  assert.deepEqual(workersOf('/nowhere/workers.sock'), []);
});
