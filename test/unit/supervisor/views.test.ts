import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { OperationRequest } from '../../../src/protocol/control.ts';
import type { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import { failureOf } from '../../../src/supervisor/failure.ts';
import { atRest, exitCodeOf } from '../../../src/supervisor/rest.ts';
import type { AppRecord } from '../../../src/supervisor/store.ts';
import { recordAfter } from '../../../src/supervisor/verbs.ts';
import { appDetails, appView, progressOf } from '../../../src/supervisor/views.ts';
import { bringUp, fakeSurroundings, newApp, opening, startedRecord, workerOf } from './fake-surroundings.ts';

mock.timers.enable({ apis: ['setTimeout'] });

const end = async (
  app: App,
  slot: number,
  code: number | null,
  signal: string | null = null,
): Promise<void> => {
  app.exited(workerOf(app, slot).tag.id, { code, signal });
  await turn();
};

const running = (spec = {}): App => {
  const app = newApp(fakeSurroundings(), spec);
  bringUp(app);
  return app;
};

describe('the state of an app', () => {
  test('starting, running, reloading, stopping, stopped', async () => {
    const app = newApp(fakeSurroundings());
    const state = (): string => appView(app, 0).state;
    assert.equal(state(), 'starting');
    assert.equal(progressOf(app), '0 of 2 workers ready');
    bringUp(app);
    assert.equal(state(), 'running');
    app.change(changes.reload(app.record, {}, 1, opening('reload', 1)));
    assert.equal(state(), 'reloading');
    app.change(changes.stop(app.record, 'keep', opening('stop', 2)));
    assert.equal(state(), 'stopping');
    assert.equal(progressOf(app), '3 ending');
    for (const { tag } of app.workers.values()) app.exited(tag.id, { code: 0, signal: null });
    await turn();
    assert.equal(state(), 'stopped');
    assert.equal(progressOf(app), 'stopped');
  });

  test('degraded while a worker is missing, failed when all have given up', async () => {
    const restart = { auto: true, maxRestarts: 0, stopExitCodes: [] };
    const app = running({ restart });
    await end(app, 0, 1);
    assert.equal(appView(app, 0).state, 'degraded');
    await end(app, 1, null, 'SIGSEGV');
    assert.equal(appView(app, 0).state, 'failed');
    assert.deepEqual(
      appView(app, 0).workers.map(({ pid, lastExit }) => [pid, lastExit]),
      [
        [null, 'exit code 1'],
        [null, 'signal SIGSEGV'],
      ],
    );
  });

  test('values of the environment are in no view', () => {
    const app = running({ env: { SECRET: 'hunter2' } });
    const details = appDetails(app, 0, { out: 'o', err: 'e' }, []);
    assert.deepEqual(details.spec.envNames, ['SECRET']);
    assert.ok(!JSON.stringify(details).includes('hunter2'));
  });

  test('an address of several workers is there once', () => {
    assert.deepEqual(appView(running(), 0).addresses, ['[::]:3000']);
  });
});

describe('an app at rest', () => {
  test('when it is stopped, or every worker ended for good', async () => {
    const restart = { auto: false, maxRestarts: null, stopExitCodes: [] };
    const app = running({ instances: 1, restart });
    assert.equal(atRest(app), false);
    await end(app, 0, 3);
    assert.equal(atRest(app), true);
    assert.equal(exitCodeOf(app), 3);
  });

  test('not while a worker waits to be started again', async () => {
    const app = running({ instances: 1 });
    await end(app, 0, null, 'SIGKILL');
    bringUp(app);
    await end(app, 0, null, 'SIGKILL');
    assert.equal(atRest(app), false);
    assert.equal(exitCodeOf(app), 137);
  });
});

describe('why a worker failed', () => {
  const app = newApp(fakeSurroundings());
  const worker = workerOf(app, 0);

  test('its exit, with its last output', () => {
    worker.tail.add(Buffer.from('Error: boom\n'));
    const { code, message, output } = failureOf(worker, { kind: 'exited', exit: { code: 1, signal: null } });
    assert.equal(code, 'E_WORKER_EXITED');
    assert.match(message, /api: worker 0 .* exit code 1/);
    assert.equal(output, 'Error: boom');
  });

  test('syntax that Node cannot strip has a fix of its own', () => {
    worker.tail.add(Buffer.from('ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX\n'));
    const { fix } = failureOf(worker, { kind: 'exited', exit: { code: 1, signal: null } });
    assert.match(fix, /experimental-transform-types/);
  });

  test('regression: a port that a program could not share with its successor is said to need a restart', () => {
    const program = workerOf(newApp(fakeSurroundings(), { kind: 'program', ready: { kind: 'started' } }), 0);
    program.tail.add(Buffer.from('OSError: [Errno 98] Address already in use\n'));
    const { code, fix } = failureOf(program, { kind: 'exited', exit: { code: 1, signal: null } });
    assert.equal(code, 'E_WORKER_EXITED');
    assert.match(fix, /`skein restart api` ends the old one first/);
  });

  test('what it waited for', () => {
    const { code, message } = failureOf(worker, { kind: 'not-ready' });
    assert.equal(code, 'E_NOT_READY');
    assert.match(message, /not ready within 30 s: it did not listen/);
  });

  test('a program that is not there', () => {
    const { code, message } = failureOf(worker, { kind: 'spawn', reason: 'ENOENT' });
    assert.equal(code, 'E_SPAWN');
    assert.match(message, /ENOENT/);
  });

  test('an address that is taken, whatever way it then went down', () => {
    worker.bindFailure = { address: ':80', heldBy: 'web' };
    for (const failure of [
      { kind: 'not-ready' },
      { kind: 'exited', exit: { code: 1, signal: null } },
    ] as const)
      assert.equal(failureOf(worker, failure).code, 'E_ADDRESS_IN_USE');
  });
});

describe('verbs', () => {
  const record = startedRecord();
  const targets = ['api'];
  const after = (verb: Exclude<OperationRequest['verb'], 'scale'>): AppRecord =>
    recordAfter(record, { verb, targets }, opening(verb));
  const scaled = (to: string): AppRecord =>
    recordAfter(record, { verb: 'scale', targets, to }, opening('scale'));

  test('each becomes its change', () => {
    assert.equal(after('stop').underWay?.change.kind, 'stop');
    assert.deepEqual(after('delete').underWay?.change, { kind: 'stop', then: 'delete' });
    assert.equal(after('restart').run, false);
    assert.equal(after('reload').current.number, 2);
    assert.equal(scaled('+3').current.spec.instances, 5);
    assert.equal(scaled('-1').current.spec.instances, 1);
  });

  test('what cannot be is refused', () => {
    assert.throws(() => after('start'), { code: 'E_APP_EXISTS' });
    assert.throws(() => after('rollback'), { code: 'E_NO_PREVIOUS' });
    assert.throws(() => scaled('many'), { code: 'E_BAD_VALUE' });
  });
});
