import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Exit } from '../../../src/protocol/holder.ts';
import { App } from '../../../src/supervisor/app.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import type { Fake } from './fake-surroundings.ts';
import {
  bringUp,
  connect,
  fakeSurroundings,
  newApp,
  opening,
  startedRecord,
  workerOf,
} from './fake-surroundings.ts';

const CRASH: Exit = { code: 1, signal: null };

let fake: Fake;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  fake = fakeSurroundings();
});
afterEach(() => mock.timers.reset());

const states = (app: App): string[] =>
  [...app.workers.values()].map(({ tag, state }) => `${tag.slot}:${tag.generation} ${state.name}`);

const end = async (app: App, slot: number, exit: Exit = CRASH): Promise<void> => {
  app.exited(workerOf(app, slot).tag.id, exit);
  await turn();
};

const adoptAll = (app: App, count: number, ageMs: number, generation = 1): void => {
  for (let slot = 0; slot < count; slot += 1)
    app.adopt(
      {
        tag: {
          id: `old${generation}-${slot}`,
          app: 'api',
          slot,
          generation,
          accept: 'per-worker',
          alone: false,
        },
        pid: 50 + slot,
        startedAt: fake.now - ageMs,
        exit: null,
      },
      app.record.current.spec,
    );
};

describe('start', () => {
  test('succeeds when every worker is ready', () => {
    const app = newApp(fake);
    assert.equal(fake.commands.filter(({ verb }) => verb === 'spawn').length, 2);
    bringUp(app);
    assert.deepEqual(states(app), ['0:1 ready', '1:1 ready']);
    assert.equal(fake.ended[0]?.state, 'succeeded');
  });

  test('a worker that exits between its spawn and its hello fails the start', async () => {
    const app = newApp(fake);
    app.spawned(workerOf(app, 0).tag.id, 10, 0);
    await end(app, 0);
    assert.deepEqual(fake.signals.at(-1), { id: workerOf(app, 1).tag.id, signal: 'SIGTERM', group: false });
    await end(app, 1, { code: null, signal: 'SIGTERM' });
    assert.equal(fake.ended[0]?.error?.code, 'E_WORKER_EXITED');
    assert.equal(app.record.run, false);
    assert.deepEqual(states(app), []);
  });

  test('a stop in the middle of it replaces it', async () => {
    const app = newApp(fake);
    app.change(changes.stop(app.record, 'keep', opening('stop')));
    assert.equal(fake.ended[0]?.error?.code, 'E_ABANDONED');
    await end(app, 0);
    await end(app, 1);
    assert.deepEqual(
      fake.ended.map(({ verb, state }) => `${verb} ${state}`),
      ['start failed', 'stop succeeded'],
    );
  });
});

describe('a new supervisor', () => {
  const successor = (instances = 2): App => {
    const app = new App(startedRecord({ instances }), fake.around);
    app.pause();
    return app;
  };

  test('regression: a worker that is still loading is not taken for ready', () => {
    const app = successor();
    adoptAll(app, 2, 400);
    app.resume();
    assert.deepEqual(states(app), ['0:1 starting', '1:1 starting']);
  });

  test('a silent worker that has been there for long is blocked, not starting', () => {
    const app = successor();
    adoptAll(app, 2, 60_000);
    app.resume();
    assert.deepEqual(states(app), ['0:1 ready', '1:1 ready']);
  });

  test('regression: a blocked worker that is to drain is told so when it speaks again, not killed', () => {
    const app = successor();
    adoptAll(app, 2, 60_000);
    app.resume();
    app.change(changes.scale(app.record, 1, opening('scale')));
    const blocked = app.workers.get('old1-1')!;
    assert.equal(blocked.state.name, 'draining');
    assert.deepEqual(fake.signals, []);
    const said = connect(app, blocked, 'ready');
    assert.deepEqual(
      said.map(({ type }) => type).filter((type) => type !== 'limits'),
      ['drain'],
    );
  });

  test('regression: the end of a worker that was scaled away meanwhile does not undo the scale', async () => {
    const record = changes.scale(startedRecord({ instances: 3 }), 2, opening('scale'));
    const app = new App(record, fake.around);
    app.pause();
    adoptAll(app, 3, 60_000);
    app.exited('old1-2', { code: 0, signal: null });
    connect(app, app.workers.get('old1-0')!, 'ready');
    connect(app, app.workers.get('old1-1')!, 'ready');
    await turn();
    app.resume();
    assert.equal(fake.ended[0]?.state, 'succeeded');
    assert.equal(app.record.current.spec.instances, 2);
    assert.deepEqual(
      fake.events.filter(({ kind }) => kind === 'worker-crashed' || kind === 'worker-failed'),
      [],
    );
  });

  test('regression: a job that ended by itself is not run again', async () => {
    const app = newApp(fake, {
      instances: 1,
      ready: { kind: 'started' },
      restart: { auto: false, maxRestarts: null, stopExitCodes: [], delayMs: 0 },
    });
    app.spawned(workerOf(app, 0).tag.id, 10, 0);
    mock.timers.tick(500);
    assert.equal(fake.ended[0]?.state, 'succeeded');
    await end(app, 0, { code: 0, signal: null });
    const spawns = fake.commands.length;
    const next = new App(structuredClone(app.saved), fake.around);
    next.resume();
    assert.deepEqual(states(next), ['0:1 stopped']);
    assert.equal(fake.commands.slice(spawns).filter(({ verb }) => verb === 'spawn').length, 0);
  });

  test('regression: goes on counting crashes, so a crash loop keeps its pauses', async () => {
    const app = newApp(fake, { instances: 1 });
    bringUp(app);
    await end(app, 0);
    bringUp(app);
    await end(app, 0);
    assert.deepEqual(states(app), ['0:1 backing-off']);
    const next = new App(structuredClone(app.saved), fake.around);
    next.resume();
    assert.deepEqual(states(next), ['0:1 backing-off']);
    assert.equal(next.crashes.restarts(0), 2);
  });

  test('regression: waits only a moment for an adopted program that is ready when it runs', () => {
    const app = new App(startedRecord({ instances: 1, ready: { kind: 'started' } }), fake.around);
    app.pause();
    adoptAll(app, 1, 100);
    app.resume();
    mock.timers.tick(500);
    assert.deepEqual(states(app), ['0:1 ready']);
  });
});

describe('reload', () => {
  const running = (): App => {
    const app = newApp(fake);
    bringUp(app);
    fake.ended.length = 0;
    return app;
  };

  test('regression: ends as failed when the way back fails too, and the app can be reloaded again', async () => {
    const app = running();
    app.change(changes.reload(app.record, {}, 1, opening('reload', 1)));
    const old = [...app.workers.values()].find(({ tag }) => tag.slot === 0 && tag.generation === 1)!;
    const fresh = workerOf(app, 0);
    app.spawned(fresh.tag.id, 20, fake.now);
    connect(app, fresh, 'ready');
    app.exited(old.tag.id, { code: 0, signal: null });
    await turn();
    // Slot 0 is new by now; the next new worker ends, and the old release is gone from the disk.
    const second = workerOf(app, 1);
    assert.equal(second.tag.generation, 2);
    app.exited(second.tag.id, CRASH);
    await turn();
    assert.equal(app.record.current.number, 1, 'on the way back');
    const back = workerOf(app, 0);
    assert.equal(back.tag.generation, 1);
    assert.equal(back.state.name, 'starting');
    app.exited(back.tag.id, CRASH);
    await turn();
    assert.equal(fake.ended[0]?.state, 'failed');
    assert.equal(app.record.underWay, null);
    assert.ok(
      [...app.workers.values()].some(({ tag, state }) => tag.generation === 2 && state.name === 'ready'),
      'who serves goes on serving',
    );
  });

  test('of an app whose workers are all backing off starts the new ones at once', async () => {
    const app = running();
    for (const round of [1, 2])
      for (const slot of [0, 1]) {
        await end(app, slot);
        if (round === 1) bringUp(app);
      }
    assert.deepEqual(states(app), ['0:1 backing-off', '1:1 backing-off']);
    app.change(changes.reload(app.record, {}, 1, opening('reload', 1)));
    assert.ok(states(app).includes('0:2 starting'));
    bringUp(app);
    bringUp(app);
    assert.deepEqual(states(app), ['0:2 ready', '1:2 ready']);
    assert.equal(fake.ended[0]?.state, 'succeeded');
  });

  test('regression: does not wait for ever when the holder is gone', () => {
    const app = running();
    app.change(changes.reload(app.record, {}, 1, opening('reload', 1)));
    app.abandon({ code: 'E_HOLDER_GONE', message: 'gone', fix: 'kill' });
    assert.equal(fake.ended[0]?.error?.code, 'E_HOLDER_GONE');
    assert.equal(app.record.current.number, 1);
  });

  test('a delete in the middle of it ends every worker of both generations', async () => {
    const app = running();
    app.change(changes.reload(app.record, {}, 1, opening('reload', 1)));
    app.change(changes.stop(app.record, 'delete', opening('delete', 2)));
    for (const { tag } of app.workers.values()) app.exited(tag.id, { code: 0, signal: null });
    await turn();
    assert.deepEqual(states(app), []);
    assert.deepEqual(
      fake.ended.map(({ verb, state }) => `${verb} ${state}`),
      ['reload failed', 'delete succeeded'],
    );
  });
});

describe('lent sockets', () => {
  const listener = {
    app: 'api',
    key: 'tcp:3000',
    type: 'tcp',
    mode: 'per-worker',
    address: '[::]:3000',
  } as const;
  const lends = (): string[] =>
    fake.commands.flatMap((command) =>
      command.verb === 'hand-over' ? [`${command.slot}->${command.to}`] : [],
    );

  test('regression: a lend that its borrower did not live to confirm is made again', async () => {
    const app = newApp(fake, { instances: 3 });
    bringUp(app);
    app.sockets.bound({ ...listener, slots: [0, 1, 2] });
    await end(app, 2);
    const first = lends();
    assert.equal(first.length, 1);
    // The borrower dies before it has said that it accepts from it.
    const borrower = [...app.workers.values()].find(({ tag }) => first[0] === `2->${tag.id}`)!;
    app.exited(borrower.tag.id, CRASH);
    const other = [...app.workers.values()].find(
      ({ tag, gone }) => tag.slot !== 2 && !gone && tag.id !== borrower.tag.id,
    )!;
    assert.ok(lends().includes(`2->${other.tag.id}`), lends().join());
  });

  test('regression: a lend that nobody confirms is tried again by the clock', async () => {
    const app = newApp(fake, { instances: 2 });
    bringUp(app);
    app.sockets.bound({ ...listener, slots: [0, 1, 2] });
    app.reconcile();
    assert.equal(lends().length, 1);
    fake.now += 500;
    app.reconcile();
    assert.equal(lends().length, 1, 'patience');
    fake.now += 500;
    mock.timers.tick(500);
    assert.equal(lends().length, 2);
  });
});

describe('a worker that is not ready in time', () => {
  test('outside of any change is said to be so, and replaced', async () => {
    const app = newApp(fake, { instances: 1 });
    bringUp(app);
    await end(app, 0);
    const { id } = workerOf(app, 0).tag;
    app.spawned(id, 10, fake.now);
    mock.timers.tick(30_000);
    assert.ok(
      fake.events.some(({ kind, text }) => kind === 'worker-failed' && /not ready within 30 s/.test(text)),
    );
    assert.deepEqual(fake.signals.at(-1), { id, signal: 'SIGTERM', group: false });
  });
});

test('a drain limit beyond what a timer can hold does not spin', () => {
  const app = newApp(fake, { instances: 1, drainTimeoutMs: 2 ** 31 - 1 });
  bringUp(app);
  mock.timers.reset();
  app.change(changes.stop(app.record, 'keep', opening('stop')));
  assert.equal(workerOf(app, 0).state.name, 'draining');
  app.exited(workerOf(app, 0).tag.id, { code: 0, signal: null });
});

test('restart forgets earlier crashes: the new workers start at once', async () => {
  const app = newApp(fake, { instances: 1 });
  bringUp(app);
  await end(app, 0);
  app.change(changes.restart(app.record, {}, opening('restart', 1)));
  assert.deepEqual(app.crashes.saved(), []);
});

describe('a stop by message', () => {
  test('is said to a worker that speaks, and is a signal for the others', () => {
    const app = newApp(fake, { instances: 2, stopSignal: 'message', ready: { kind: 'started' } });
    const [speaks, silent] = [workerOf(app, 0), workerOf(app, 1)];
    const said = connect(app, speaks, 'starting');
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    assert.deepEqual(said.at(-1), { type: 'shutdown' });
    assert.deepEqual(fake.signals, [{ id: silent.tag.id, signal: 'SIGTERM', group: false }]);
  });

  test('of a program is SIGTERM', () => {
    const app = newApp(fake, { instances: 1, stopSignal: 'message', kind: 'program', killTimeoutMs: 1_000 });
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    assert.equal(fake.signals[0]?.signal, 'SIGTERM');
  });

  test('regression: a program that ignores it is killed when its time is up, though nothing else happens', () => {
    const app = newApp(fake, { instances: 1, kind: 'program', killTimeoutMs: 1_000 });
    app.change(changes.stop(app.record, 'keep', opening('stop', 1)));
    fake.now += 1_000;
    mock.timers.tick(1_000);
    assert.equal(fake.signals[1]?.signal, 'SIGKILL');
  });
});

test('a worker that may not be started says why, also outside of any change', async () => {
  const app = newApp(fake, { instances: 1 });
  bringUp(app);
  await end(app, 0);
  const { id } = workerOf(app, 0).tag;
  const error = { code: 'E_USER_FILES', message: 'web may not read it', fix: 'let it' } as const;
  app.spawnFailed(id, { kind: 'refused', error });
  assert.ok(fake.events.some(({ kind, text }) => kind === 'worker-failed' && text === error.message));
  assert.deepEqual(states(app), ['0:1 backing-off']);
});
