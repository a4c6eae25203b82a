import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Operation } from '../../../src/protocol/control.ts';
import type { Progress } from '../../../src/supervisor/changes.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import type { AppRecord } from '../../../src/supervisor/store.ts';
import { appSpec } from '../support/app-spec.ts';

const operation = (verb: Operation['verb']): Operation => ({
  id: verb,
  verb,
  app: 'api',
  state: 'running',
  startedAt: 0,
  endedAt: null,
  progress: '',
  error: null,
  report: null,
});
const opening = (verb: Operation['verb']): changes.Opening => ({ operation: operation(verb), refused: 0 });
const error = { code: 'E_WORKER_EXITED', message: 'it ended', fix: 'mend it' } as const;

const busy: Progress = { settled: false, full: false, alive: 2, others: 1, now: 5 };
const done: Progress = { settled: true, full: true, alive: 2, others: 0, now: 9 };
const empty: Progress = { settled: true, full: false, alive: 0, others: 0, now: 9 };

const end = (record: AppRecord, progress: Progress): AppRecord => {
  const step = changes.advance(record, progress);
  assert.notEqual(step.then, 'go-on');
  return step.record;
};
const running = (): AppRecord => end(changes.startNew(appSpec(), opening('start')), done);

describe('start', () => {
  test('succeeds when everything is ready, and the app is established from then on', () => {
    const started = changes.startNew(appSpec(), opening('start'));
    assert.equal(changes.advance(started, busy).then, 'go-on');
    const step = changes.advance(started, done);
    assert.equal(step.then, 'succeeded');
    assert.equal(step.record.established, true);
    assert.equal(step.record.underWay, null);
  });

  test('fails as a whole when a worker ends, once all others have been stopped', () => {
    const undone = changes.undo(changes.startNew(appSpec(), opening('start')), error);
    assert.equal(undone.run, false);
    assert.equal(changes.advance(undone, busy).then, 'go-on');
    const step = changes.advance(undone, empty);
    assert.equal(step.then, 'failed');
    assert.deepEqual(step.record.failure, error);
  });

  test('of a stopped app takes new settings; of a running one is refused', () => {
    assert.throws(() => changes.startAgain(running(), {}, opening('start')), { code: 'E_APP_EXISTS' });
    const stopped = end(changes.stop(running(), 'keep', opening('stop')), empty);
    const again = changes.startAgain(stopped, { instances: 5 }, opening('start'));
    assert.equal(again.current.spec.instances, 5);
    assert.equal(again.current.number, 2);
  });
});

describe('reload', () => {
  test('is a new generation, and the old one is remembered', () => {
    const reloading = changes.reload(
      running(),
      { args: ['--new'], setEnv: { A: '1' } },
      2,
      opening('reload'),
    );
    assert.equal(reloading.current.number, 2);
    assert.deepEqual(reloading.current.spec.args, ['--new']);
    assert.deepEqual(reloading.current.spec.env, { A: '1' });
    assert.equal(reloading.previous?.number, 1);
    assert.equal(end(reloading, done).previous?.number, 1);
  });

  test('a broken one goes back to the old generation and fails when nothing of the new is left', () => {
    const undone = changes.undo(changes.reload(running(), {}, 1, opening('reload')), error);
    assert.equal(undone.current.number, 1);
    assert.equal(undone.run, true);
    assert.equal(changes.advance(undone, busy).then, 'go-on');
    const step = changes.advance(undone, done);
    assert.equal(step.then, 'failed');
    assert.equal(step.record.failure, null);
    const next = changes.reload(step.record, {}, 1, opening('reload'));
    assert.equal(next.current.number, 3, 'a generation number is never used twice');
  });

  test('only the first failure counts', () => {
    const undone = changes.undo(changes.reload(running(), {}, 1, opening('reload')), error);
    const twice = changes.undo(undone, { ...error, message: 'another' });
    assert.deepEqual(twice.underWay?.undo, error);
    assert.equal(twice.current.number, undone.current.number);
  });

  test('ends as failed at once when the way back fails too', () => {
    const undone = changes.undo(changes.reload(running(), {}, 1, opening('reload')), error);
    assert.equal(changes.needsEveryWorker(undone, false), true);
    assert.equal(changes.needsEveryWorker(undone, true), false);
    const step = changes.advance(changes.undo(undone, error), busy);
    assert.equal(step.then, 'failed');
    assert.equal(step.record.run, true);
  });

  test('needs a running app', () => {
    const stopped = end(changes.stop(running(), 'keep', opening('stop')), empty);
    assert.throws(() => changes.reload(stopped, {}, 1, opening('reload')), { code: 'E_APP_STOPPED' });
  });
});

describe('rollback', () => {
  test('goes to the settings before, and back again', () => {
    const reloaded = end(changes.reload(running(), { args: ['new'] }, 1, opening('reload')), done);
    const back = end(changes.rollback(reloaded, opening('rollback')), done);
    assert.deepEqual(back.current.spec.args, []);
    assert.equal(back.current.number, 3);
    const forth = changes.rollback(back, opening('rollback'));
    assert.deepEqual(forth.current.spec.args, ['new']);
  });

  test('needs a previous generation', () => {
    assert.throws(() => changes.rollback(running(), opening('rollback')), { code: 'E_NO_PREVIOUS' });
  });
});

describe('restart', () => {
  test('waits for the end of all, then starts', () => {
    const stopping = changes.restart(running(), {}, opening('restart'));
    assert.equal(stopping.run, false);
    assert.equal(changes.advance(stopping, busy).then, 'go-on');
    const starting = changes.advance(stopping, empty);
    assert.equal(starting.then, 'go-on');
    assert.equal(starting.record.run, true);
    assert.equal(end(starting.record, done).established, true);
  });

  test('a worker that ends while the old ones stop is no failure', () => {
    const stopping = changes.restart(running(), {}, opening('restart'));
    assert.equal(changes.undo(stopping, error), stopping);
  });
});

describe('scale', () => {
  test('changes the number within the generation, and takes it back when the new workers fail', () => {
    const scaled = changes.scale(running(), 6, opening('scale'));
    assert.equal(scaled.current.number, 1);
    assert.equal(scaled.current.spec.instances, 6);
    const undone = changes.undo(scaled, error);
    assert.equal(undone.current.spec.instances, 2);
    assert.equal(changes.advance(undone, done).then, 'failed');
  });
});

describe('stop and delete', () => {
  test('are over when no worker is alive; delete removes the app', () => {
    const stop = changes.advance(changes.stop(running(), 'keep', opening('stop')), empty);
    assert.deepEqual([stop.then, 'remove' in stop && stop.remove], ['succeeded', false]);
    const gone = changes.advance(changes.stop(running(), 'delete', opening('delete')), empty);
    assert.deepEqual([gone.then, 'remove' in gone && gone.remove], ['succeeded', true]);
  });
});

test('which endings make a change fail', () => {
  const starting = changes.startNew(appSpec(), opening('start'));
  assert.equal(changes.needsEveryWorker(starting, false), true);
  assert.equal(changes.needsEveryWorker(starting, true), false);
  const reloading = changes.reload(running(), {}, 1, opening('reload'));
  assert.equal(changes.needsEveryWorker(reloading, true), true);
  assert.equal(changes.needsEveryWorker(running(), false), false);
});

describe('settings that balancers go by', () => {
  const other = appSpec({ namespace: 'other' });

  test('are over when they all do, and in force from the beginning', () => {
    const begun = changes.settings(running(), other, opening('adjust'));
    assert.equal(begun.current.spec.namespace, 'other');
    assert.equal(changes.advance(begun, busy).then, 'go-on');
    const step = changes.advance(begun, done);
    assert.equal(step.then, 'succeeded');
    assert.equal(step.record.current.spec.namespace, 'other');
  });

  test('are taken back when one refuses them', () => {
    const refused = changes.undo(changes.settings(running(), other, opening('adjust')), error);
    const step = changes.advance(refused, busy);
    assert.equal(step.then, 'failed');
    assert.equal(step.record.current.spec.namespace, null);
    assert.equal(step.record.current.number, 1, 'no worker is replaced');
  });
});
