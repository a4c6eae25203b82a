import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import type { HookOutcome } from '../../../src/supervisor/hook-runner.ts';
import { appView, progressOf } from '../../../src/supervisor/views.ts';
import type { Fake } from './fake-surroundings.ts';
import { bringUp, fakeSurroundings, newApp, opening, workerOf } from './fake-surroundings.ts';

const FAILED: HookOutcome = { ok: false, how: 'exit code 1', output: 'no such table' };

let fake: Fake;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  fake = fakeSurroundings();
});
afterEach(() => mock.timers.reset());

const running = (before: string | null, after: string | null): App => {
  const app = newApp(fake, { instances: 1, hooks: { before, after, timeoutMs: 5_000 } });
  bringUp(app);
  fake.ended.length = 0;
  return app;
};
const reload = (app: App, startedAt = 1): void =>
  app.change(changes.reload(app.record, { args: ['new'] }, 1, opening('reload', startedAt)));
const end = async (nth: number, outcome: HookOutcome = { ok: true }): Promise<void> => {
  fake.hooks[nth]?.end(outcome);
  await turn();
};
const drained = async (app: App, generation: number): Promise<void> => {
  for (const { tag } of app.workers.values())
    if (tag.generation === generation) app.exited(tag.id, { code: 0, signal: null });
  await turn();
};
const generations = (app: App): number[] => [...app.workers.values()].map(({ tag }) => tag.generation);

describe('before a rollout', () => {
  test('its hook runs, with the settings that are rolled out, and nothing is touched meanwhile', async () => {
    const app = running('migrate', null);
    reload(app);
    const { command, env, cwd, timeoutMs } = fake.hooks[0]!.hook;
    assert.deepEqual([command, cwd, timeoutMs], ['migrate', '/srv/api', 5_000]);
    assert.deepEqual([env['SKEIN_APP'], env['SKEIN_HOOK'], env['SKEIN_GENERATION']], ['api', 'before', '2']);
    assert.equal(env['SKEIN_STATE'], 'embedded:%2Fstate.sock?store=api');
    assert.deepEqual([appView(app, 0).state, progressOf(app)], ['reloading', 'the before hook runs']);
    assert.deepEqual(generations(app), [1]);
    await end(0);
    assert.deepEqual(generations(app), [1, 2]);
    bringUp(app);
    await drained(app, 1);
    assert.equal(fake.ended[0]?.state, 'succeeded');
    assert.equal(fake.hooks.length, 1);
  });

  test('when it fails the rollout has failed, and nothing was touched', async () => {
    const app = running('migrate', 'warm');
    reload(app);
    await end(0, FAILED);
    const { error } = fake.ended[0]!;
    assert.equal(error?.code, 'E_HOOK');
    assert.match(error.message, /the before hook failed with exit code 1/);
    assert.equal(error.output, 'no such table');
    assert.deepEqual(generations(app), [1]);
    assert.deepEqual(app.record.current.spec.args, []);
    assert.equal(app.record.current.number, 1);
  });

  test('a stop in the middle of it ends the hook and is carried out', async () => {
    const app = running('migrate', null);
    reload(app);
    app.change(changes.stop(app.record, 'delete', opening('delete')));
    assert.equal(fake.hooks[0]?.hook.signal?.aborted, true);
    await end(0);
    assert.deepEqual(generations(app), [1]);
    await drained(app, 1);
    assert.deepEqual(
      fake.ended.map(({ verb, state }) => `${verb} ${state}`),
      ['reload failed', 'delete succeeded'],
    );
  });

  test('the next supervisor runs it again', async () => {
    const app = running('migrate', null);
    reload(app);
    fake.hooks[0]?.hook.onStart?.(4711);
    const next = new App(app.saved, fake.around);
    next.pause();
    assert.equal(fake.hooks.length, 1);
    next.resume();
    await turn();
    assert.deepEqual(fake.endedHooks, [4711], 'what is left of the first run does not run beside it');
    assert.equal(fake.hooks.length, 2);
    await end(1);
    assert.equal(next.record.current.number, 2);
  });

  test('a crash meanwhile is mended with the old settings', async () => {
    const app = running('migrate', null);
    reload(app);
    app.exited(workerOf(app, 0).tag.id, { code: 1, signal: null });
    await turn();
    assert.deepEqual(generations(app), [1]);
    bringUp(app);
    assert.equal(fake.ended.length, 0);
  });
});

describe('after a rollout', () => {
  test('its hook runs when all new workers are ready, and the rollout ends with it', async () => {
    const app = running(null, 'warm');
    reload(app);
    assert.equal(fake.hooks.length, 0);
    bringUp(app);
    assert.equal(fake.hooks[0]?.hook.command, 'warm');
    assert.equal(progressOf(app), 'the after hook runs');
    await drained(app, 1);
    assert.equal(fake.ended.length, 0);
    await end(0);
    assert.equal(fake.ended[0]?.state, 'succeeded');
  });

  test('when it fails the rollout goes back', async () => {
    const app = running(null, 'warm');
    reload(app);
    bringUp(app);
    await end(0, FAILED);
    assert.equal(app.record.current.number, 1);
    await drained(app, 1);
    bringUp(app);
    await drained(app, 2);
    assert.equal(fake.ended[0]?.error?.code, 'E_HOOK');
    assert.deepEqual(app.record.current.spec.args, []);
    assert.equal(fake.hooks.length, 1, 'the way back has no hooks');
  });

  test('a new worker that crashes meanwhile undoes the rollout and ends the hook', async () => {
    const app = running(null, 'warm');
    reload(app);
    bringUp(app);
    await drained(app, 2);
    assert.equal(fake.hooks[0]?.hook.signal?.aborted, true);
    await end(0);
    assert.equal(app.record.current.number, 1);
  });
});

test('a restart and a start have no hooks', async () => {
  const app = running('migrate', 'warm');
  app.change(changes.restart(app.record, {}, opening('restart')));
  await drained(app, 1);
  bringUp(app);
  assert.equal(fake.ended[0]?.state, 'succeeded');
  assert.equal(fake.hooks.length, 0);
});

test('more workers than before come with ids of their own', async () => {
  const app = running('migrate', null);
  app.change(changes.reload(app.record, { instances: 3 }, 1, opening('reload')));
  await end(0);
  assert.deepEqual(app.record.ids, [0, 1, 2]);
});
