import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createShutdownHooks } from '../../../src/core/shutdown-hooks.ts';

const setUp = () => {
  const did: string[] = [];
  const failures: unknown[] = [];
  const hooks = createShutdownHooks((error) => failures.push(error));
  const hook = (name: string) => async (): Promise<void> => {
    did.push(`${name} begins`);
    await Promise.resolve();
    did.push(`${name} ends`);
  };
  return { did, failures, hooks, hook };
};

test('the last added runs first, and each is awaited', async () => {
  const { did, hooks, hook } = setUp();
  hooks.add(hook('database'), 'drained');
  hooks.add(hook('queue'), 'drained');
  await hooks.run('drained');
  assert.deepEqual(did, ['queue begins', 'queue ends', 'database begins', 'database ends']);
  assert.equal(hooks.empty, true);
});

test('one that throws or rejects is told, and the others run', async () => {
  const { did, failures, hooks, hook } = setUp();
  hooks.add(hook('first'), 'drained');
  hooks.add(() => Promise.reject(new Error('late')), 'drained');
  hooks.add(() => {
    throw new Error('at once');
  }, 'drained');
  await hooks.run('drained');
  assert.deepEqual(did, ['first begins', 'first ends']);
  assert.deepEqual(failures, [new Error('at once'), new Error('late')]);
});

test('each runs once, whoever asks, and whoever asks again waits for those that run', async () => {
  const { did, hooks, hook } = setUp();
  hooks.add(hook('one'), 'drained');
  await Promise.all([hooks.run('drained'), hooks.run('drained')]);
  await hooks.run('drained');
  assert.deepEqual(did, ['one begins', 'one ends']);
});

test('the hooks of the beginning run before those of the end, also when there was no beginning', async () => {
  const { did, hooks, hook } = setUp();
  hooks.add(hook('sockets'), 'draining');
  hooks.add(hook('database'), 'drained');
  await hooks.run('draining');
  assert.deepEqual(did, ['sockets begins', 'sockets ends']);
  hooks.add(hook('late'), 'draining');
  await hooks.run('drained');
  assert.deepEqual(did.slice(2), ['late begins', 'late ends', 'database begins', 'database ends']);
});

test('one that is added meanwhile runs too, and one that is taken off does not', async () => {
  const { did, hooks, hook } = setUp();
  const off = hooks.add(hook('never'), 'drained');
  hooks.add(() => void hooks.add(hook('added'), 'drained'), 'drained');
  off();
  off();
  await hooks.run('drained');
  assert.deepEqual(did, ['added begins', 'added ends']);
});

test('the same function may be added twice, and is taken off once', async () => {
  const { did, hooks, hook } = setUp();
  const same = hook('same');
  hooks.add(same, 'drained');
  const off = hooks.add(same, 'drained');
  off();
  off();
  await hooks.run('drained');
  assert.deepEqual(did, ['same begins', 'same ends']);
});
