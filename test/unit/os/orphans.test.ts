import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStateServerOf, isWorkerOf, stateServersOf, workersOf } from '../../../src/os/orphans.ts';

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

test('a state server is known by its socket', () => {
  const environ = 'PATH=/bin\0SKEIN_STATE_SERVER=/a/state.sock\0HOME=/';
  assert.ok(isStateServerOf(environ, '/a/state.sock'));
  assert.ok(!isStateServerOf(environ, '/b/state.sock'));
  assert.ok(!isStateServerOf(boot('{"socket":"/a/state.sock"}'), '/a/state.sock'));
});

test('none of a home that nobody uses', () => {
  assert.deepEqual(workersOf('/nowhere/workers.sock'), []);
  assert.deepEqual(stateServersOf('/nowhere/state.sock'), []);
});
