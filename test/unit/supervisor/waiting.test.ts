import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Dependency } from '../../../src/protocol/app-spec.ts';
import { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import { appView, progressOf } from '../../../src/supervisor/views.ts';
import type { Fake } from './fake-surroundings.ts';
import { bringUp, fakeSurroundings, newApp, opening, startedRecord, workerOf } from './fake-surroundings.ts';

const dependsOn: readonly Dependency[] = [{ app: 'db', condition: 'ready' }];

let fake: Fake;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  fake = fakeSurroundings();
});
afterEach(() => mock.timers.reset());

const spawned = (): number => fake.commands.filter(({ verb }) => verb === 'spawn').length;

describe('a start of an app that needs another', () => {
  test('makes no worker before that is ready, and says what it waits for', () => {
    fake.others.set('db', 'coming');
    const app = newApp(fake, { dependsOn });
    assert.equal(spawned(), 0);
    assert.equal(progressOf(app), 'waits for db to be ready');
    assert.equal(appView(app, 0).state, 'starting');
    assert.equal(appView(app, 0).reason, 'waits for db to be ready');
    fake.others.set('db', 'ready');
    app.reconcile();
    assert.equal(spawned(), 2);
    // From then on it is on its own.
    fake.others.set('db', 'stopped');
    bringUp(app);
    assert.equal(fake.ended[0]?.state, 'succeeded');
    assert.deepEqual(
      fake.events.filter(({ kind }) => kind === 'message').map(({ text }) => text),
      ['waits for db to be ready'],
    );
  });

  test('fails with it', () => {
    fake.others.set('db', 'coming');
    const app = newApp(fake, { dependsOn });
    fake.others.set('db', 'failed');
    app.reconcile();
    assert.equal(fake.ended[0]?.error?.code, 'E_DEPENDENCY');
    assert.equal(fake.ended[0]?.error?.message, 'api needs db, which has failed.');
    assert.equal(appView(app, 0).state, 'failed');
    assert.equal(spawned(), 0);
  });

  test('gives way to a stop', () => {
    fake.others.set('db', 'coming');
    const app = newApp(fake, { dependsOn });
    app.change(changes.stop(app.record, 'keep', opening('stop')));
    assert.deepEqual(
      fake.ended.map(({ verb, state }) => `${verb} ${state}`),
      ['start failed', 'stop succeeded'],
    );
    fake.others.set('db', 'ready');
    app.reconcile();
    assert.equal(spawned(), 0);
  });

  test('goes on waiting under the next supervisor', () => {
    fake.others.set('db', 'coming');
    const { saved } = newApp(fake, { dependsOn });
    const app = new App(saved, fake.around);
    app.pause();
    app.resume();
    assert.equal(spawned(), 0);
    fake.others.set('db', 'ready');
    app.reconcile();
    assert.equal(spawned(), 2);
  });
});

test('a restart waits between the end of the old workers and the start of the new', async () => {
  fake.others.set('db', 'ready');
  const app = newApp(fake, { dependsOn, instances: 1 });
  bringUp(app);
  fake.others.set('db', 'coming');
  app.change(changes.restart(app.record, {}, opening('restart')));
  assert.equal(workerOf(app, 0).state.name, 'draining', 'the end waits for nobody');
  app.exited(workerOf(app, 0).tag.id, { code: 0, signal: null });
  await turn();
  assert.equal(spawned(), 1);
  assert.equal(progressOf(app), 'waits for db to be ready');
  fake.others.set('db', 'ready');
  app.reconcile();
  assert.equal(spawned(), 2);
});

test('a rollout, and a worker that crashes, wait for nobody', async () => {
  fake.others.set('db', 'ready');
  const app = newApp(fake, { dependsOn, instances: 1 });
  bringUp(app);
  fake.others.set('db', 'stopped');
  app.exited(workerOf(app, 0).tag.id, { code: 1, signal: null });
  await turn();
  assert.equal(spawned(), 2);
  bringUp(app);
  app.change(changes.reload(app.record, {}, 1, opening('reload')));
  assert.equal(spawned(), 3);
});

describe('after a boot', () => {
  const booted = (): App => new App({ ...startedRecord({ dependsOn }), waits: 'boot' }, fake.around);

  test('it waits for what comes back as well', () => {
    fake.others.set('db', 'coming');
    const app = booted();
    app.reconcile();
    assert.equal(spawned(), 0);
    assert.equal(appView(app, 0).state, 'starting');
    fake.others.set('db', 'ready');
    app.reconcile();
    assert.equal(spawned(), 2);
    assert.equal(app.record.waits, null);
  });

  test('what had been stopped before is not waited for', () => {
    fake.others.set('db', 'stopped');
    booted().reconcile();
    assert.equal(spawned(), 2);
  });

  test('it has failed when what it needs has', () => {
    fake.others.set('db', 'failed');
    const app = booted();
    app.reconcile();
    assert.equal(app.record.failure?.code, 'E_DEPENDENCY');
    assert.equal(app.record.run, false);
    assert.equal(fake.events.at(-1)?.kind, 'app-failed');
  });
});

test('a stop waits for those that need the app and are stopping as well', () => {
  const app = newApp(fake);
  bringUp(app);
  fake.stopsBefore = 'web';
  app.change(changes.stop(app.record, 'delete', opening('stop')));
  assert.equal(workerOf(app, 0).state.name, 'ready');
  assert.equal(progressOf(app), 'waits for web to stop');
  assert.ok(!fake.commands.some(({ verb }) => verb === 'unbind'), 'its sockets are kept meanwhile');
  fake.stopsBefore = null;
  app.reconcile();
  assert.equal(workerOf(app, 0).state.name, 'draining');
  assert.equal(fake.commands.filter(({ verb }) => verb === 'unbind').length, 1);
});
