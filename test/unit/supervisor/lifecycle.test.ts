/** What an app says of itself (hooks, health, how many it is), and what the supervisor makes of it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { HealthReport } from '../../../src/protocol/app-link.ts';
import type { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import { appView } from '../../../src/supervisor/views.ts';
import { readHealth } from '../../../src/supervisor/worker-health.ts';
import type { Fake } from './fake-surroundings.ts';
import { bringUp, connect, fakeSurroundings, newApp, opening, workerOf } from './fake-surroundings.ts';

let fake: Fake;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  fake = fakeSurroundings();
});
afterEach(() => mock.timers.reset());

const unhealthy = (reason = 'refused', name = 'database'): HealthReport => ({
  status: 'unhealthy',
  checks: [{ name, ok: false, reason, ms: 3 }],
});
const healthy: HealthReport = { status: 'healthy', checks: [{ name: 'database', ok: true, ms: 3 }] };

const texts = (kind: string): string[] =>
  fake.events.filter((event) => event.kind === kind).map(({ text }) => text);

describe('shutdown hooks', () => {
  const begun = (): App => newApp(fake, { instances: 1, killTimeoutMs: 1_000, ready: { kind: 'started' } });

  test('where there are some, the worker runs them and raises the signal itself', () => {
    const app = begun();
    const said = connect(app, workerOf(app, 0), 'starting');
    app.heard(workerOf(app, 0), { type: 'hooks', hooks: 'some' });
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    assert.deepEqual(said.at(-1), { type: 'shutdown', signal: 'SIGTERM' });
    assert.deepEqual(fake.signals, []);
  });

  test('a worker that does not speak gets the signal', () => {
    const app = begun();
    const worker = workerOf(app, 0);
    worker.hooks = 'some';
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    assert.deepEqual(fake.signals, [{ id: worker.tag.id, signal: 'SIGTERM', group: false }]);
  });

  for (const [hooks, text] of [
    ['running', 'worker 0 ended with signal SIGKILL: its shutdown hooks were not done within 1 s'],
    ['done', 'worker 0 ended with signal SIGKILL'],
  ] as const)
    test(`the event of a kill says whether it cut them: ${hooks}`, async () => {
      const app = begun();
      const worker = workerOf(app, 0);
      connect(app, worker, 'starting');
      app.heard(worker, { type: 'hooks', hooks: 'some' });
      app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
      app.heard(worker, { type: 'hooks', hooks });
      fake.now += 1_000;
      mock.timers.tick(1_000);
      assert.equal(fake.signals.at(-1)?.signal, 'SIGKILL');
      app.exited(worker.tag.id, { code: null, signal: 'SIGKILL' });
      await turn();
      assert.deepEqual(texts('worker-exited'), [text]);
    });
});

describe('health', () => {
  test('an event when other checks fail than before, not for each reason', () => {
    const app = newApp(fake, { instances: 1 });
    bringUp(app);
    const worker = workerOf(app, 0);
    for (const health of [healthy, unhealthy(), unhealthy('reset'), healthy, healthy])
      app.heard(worker, { type: 'health', health });
    assert.deepEqual(texts('worker-unhealthy'), ['worker 0 is unhealthy: database: refused']);
    assert.deepEqual(texts('worker-healthy'), ['worker 0 is healthy again']);
    assert.equal(worker.state.name, 'ready');
    assert.deepEqual(appView(app, fake.now).workers[0]?.health, healthy);
  });

  test('a worker that leaves is not told of', () => {
    const app = newApp(fake, { instances: 1 });
    bringUp(app);
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    app.heard(workerOf(app, 0), { type: 'health', health: unhealthy() });
    assert.deepEqual(texts('worker-unhealthy'), []);
  });

  test('a start waits for it, and fails with the name of the check and the reason', async () => {
    const app = newApp(fake, { instances: 1, readyTimeoutMs: 5_000 });
    const worker = workerOf(app, 0);
    app.spawned(worker.tag.id, 7, fake.now);
    connect(app, worker, 'starting');
    app.heard(worker, { type: 'health', health: unhealthy('connection refused') });
    app.heard(worker, {
      type: 'listening',
      listening: { key: 'tcp:3000', address: '[::]:3000', kind: 'http' },
    });
    assert.equal(worker.state.name, 'starting');
    mock.timers.tick(5_000);
    app.exited(worker.tag.id, { code: null, signal: 'SIGTERM' });
    await turn();
    const { error } = fake.ended[0]!;
    assert.equal(error?.code, 'E_NOT_READY');
    assert.match(error.message, /its health check failed \(database: connection refused\)/);
  });

  test('what is no report is taken for none', () => {
    for (const value of [undefined, null, 'healthy', 5, {}, { status: 'fine', checks: [] }])
      assert.equal(readHealth(value), null);
    assert.deepEqual(readHealth({ status: 'unhealthy', checks: 'none' }), {
      status: 'unhealthy',
      checks: [],
    });
    assert.deepEqual(
      readHealth({ status: 'unhealthy', checks: [null, 5, { name: 'a' }, ...healthy.checks] }),
      {
        status: 'unhealthy',
        checks: healthy.checks,
      },
    );
  });
});

test('workers are told how many there are to be, when they believe otherwise', () => {
  const app = newApp(fake, { instances: 2 });
  bringUp(app);
  const worker = workerOf(app, 0);
  const said = connect(app, worker, 'ready', { count: 2 });
  assert.deepEqual(said, []);
  app.change(changes.scale(app.record, 3, opening('scale', 1)));
  assert.deepEqual(said, [{ type: 'count', count: 3 }]);
  app.reconcile();
  assert.equal(said.length, 1);
});
