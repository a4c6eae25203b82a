import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { createControlClient } from '../../../src/control/client.ts';
import { socketError } from '../../../src/control/client/errors.ts';
import type { ErrorCode } from '../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import { homeFrom } from '../../../src/os/home.ts';
import type { Operation } from '../../../src/protocol/control.ts';
import { answer, answerLines, app, fakeControl, operation, temporaryHome } from './fake-control.ts';

const fails = async (promise: Promise<unknown>, code: ErrorCode, message = /./): Promise<void> => {
  await assert.rejects(
    promise,
    (error) => error instanceof SkeinError && error.code === code && message.test(error.message),
  );
};

const collect = async <Value>(values: AsyncIterable<Value>, count = Infinity): Promise<Value[]> => {
  const all: Value[] = [];
  for await (const value of values) {
    all.push(value);
    if (all.length >= count) break;
  }
  return all;
};

test('each function asks its endpoint', async (t) => {
  const list = { version: 1, apps: [app()] };
  const accepted = { operations: [operation()] };
  const fake = await fakeControl(t, {
    'GET /v1/ping': answer({ holder: null, supervisor: { pid: 1, version: '1', uptimeMs: 1 } }),
    'GET /v1/apps': answer(list),
    'POST /v1/operations': answer(accepted, 202),
    'POST /v1/signal': answer({ signalled: [7] }),
    'GET /v1/wait-stopped': answer({ exitCode: 3 }),
    'POST /v1/shutdown': answer(accepted, 202),
    'POST /v1/logs/reopen': answer({}),
  });
  const client = createControlClient(fake.home);

  assert.equal((await client.ping()).holder, null);
  assert.deepEqual(await client.apps(['a b', '/x/']), list);
  await client.details(['api']);
  assert.deepEqual(await client.operate({ verb: 'scale', targets: ['api'], to: '+2' }), accepted);
  assert.deepEqual(await client.signal({ targets: ['api'], signal: 'SIGHUP' }), { signalled: [7] });
  assert.deepEqual(await client.waitStopped('api'), { exitCode: 3 });
  await client.reopenLogs();
  await client.shutdown();
  assert.deepEqual(fake.asked, [
    'GET /v1/ping',
    'GET /v1/apps?target=a+b&target=%2Fx%2F',
    'GET /v1/apps?details=1&target=api',
    'POST /v1/operations',
    'POST /v1/signal',
    'GET /v1/wait-stopped?target=api',
    'POST /v1/logs/reopen',
    'POST /v1/shutdown',
  ]);
  assert.deepEqual(fake.bodies.slice(0, 2), [
    { verb: 'scale', targets: ['api'], to: '+2' },
    { targets: ['api'], signal: 'SIGHUP' },
  ]);
});

test('an error of the control API arrives as it was thrown', async (t) => {
  const data = {
    code: 'E_UNKNOWN_APP',
    message: 'There is no app named x.',
    fix: 'Look.',
    output: 'last words',
  };
  const fake = await fakeControl(t, {
    'GET /v1/apps': answer({ error: data }, 404),
    'GET /v1/logs': answer({ error: data }, 404),
  });
  const client = createControlClient(fake.home);

  await assert.rejects(client.apps(['x']), (error) => {
    assert.ok(error instanceof SkeinError);
    assert.deepEqual(error.toData(), data);
    return error.exitCode === 3;
  });
  await fails(
    collect(client.logs({ targets: ['x'], lines: 1, follow: true, stream: undefined })),
    'E_UNKNOWN_APP',
  );
});

test('without a socket nothing runs', async (t) => {
  await fails(createControlClient(temporaryHome(t)).ping(), 'E_NO_SUPERVISOR');
});

test('a socket file of a dead holder is as good as none', async (t) => {
  const home = temporaryHome(t);
  // A process that is killed leaves its socket file behind.
  spawnSync(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(home.controlSocket)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await fails(createControlClient(home).ping(), 'E_NO_SUPERVISOR');
});

test('a home with too long a path', async () => {
  const home = homeFrom(`/tmp/${'x'.repeat(120)}`);
  await fails(createControlClient(home).ping(), 'E_HOME', /too long/);
});

test('what the system says of the socket, in words of the catalogue', (t) => {
  const home = temporaryHome(t);
  const codeOf = (code: string): ErrorCode =>
    socketError(Object.assign(new Error(code), { code }), home).code;
  assert.deepEqual(['EACCES', 'EPERM'].map(codeOf), ['E_PERMISSION', 'E_PERMISSION']);
  assert.deepEqual(['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].map(codeOf), [
    'E_NO_SUPERVISOR',
    'E_NO_SUPERVISOR',
    'E_NO_SUPERVISOR',
  ]);
  assert.deepEqual(['ECONNRESET', 'EPIPE', 'EMFILE'].map(codeOf), [
    'E_SUPERVISOR_GONE',
    'E_SUPERVISOR_GONE',
    'E_SUPERVISOR_GONE',
  ]);
});

test('a supervisor that takes the connection and never answers', async (t) => {
  const home = temporaryHome(t);
  const server = createServer(() => {}).listen(home.controlSocket);
  t.after(() => server.close());
  const started = performance.now();
  const promise = createControlClient(home, 50).operate({ verb: 'stop', targets: ['api'] });
  await fails(promise, 'E_SUPERVISOR_GONE', /no answer within 0.05 s/);
  assert.ok(performance.now() - started < 5_000);
});

test('a question is asked again when the supervisor dies over it, a command is not', async (t) => {
  let deaths = 1;
  const fake = await fakeControl(t, {
    'GET /v1/ping': (request, response) => {
      if (deaths-- > 0) response.destroy();
      else answer({ holder: null })(request, response);
    },
    'POST /v1/shutdown': (_request, response) => response.destroy(),
  });
  const client = createControlClient(fake.home);
  assert.deepEqual(await client.ping(), { holder: null });
  await fails(client.shutdown(), 'E_SUPERVISOR_GONE', /connection broke/);
  assert.deepEqual(fake.asked, ['GET /v1/ping', 'GET /v1/ping', 'POST /v1/shutdown']);
});

test('an operation is followed to its end across the death of the supervisor', async (t) => {
  const half = operation({ progress: 'half' });
  const done = operation({ state: 'succeeded', endedAt: 2_000 });
  let streams = 0;
  const fake = await fakeControl(t, {
    'GET /v1/operations/op1/follow': (request, response) => {
      streams += 1;
      if (streams === 1) response.write(`${JSON.stringify(half)}\n`, () => response.destroy());
      else if (streams === 2) response.destroy();
      else answerLines(half, done)(request, response);
    },
  });
  const seen: Operation[] = [];
  const ended = await createControlClient(fake.home).follow(operation(), (change) => seen.push(change));
  assert.deepEqual(ended, done);
  assert.deepEqual(seen, [half, half, done]);
});

test('following ends when nobody knows how the operation goes on', async (t) => {
  const fake = await fakeControl(t, { 'GET /v1/operations/op1/follow': answerLines() });
  await fails(createControlClient(fake.home).follow(operation()), 'E_SUPERVISOR_GONE', /reload of api/);
  const ended = operation({ state: 'failed' });
  assert.equal(await createControlClient(fake.home).follow(ended), ended);
});

test('events go on after a break with what came since', async (t) => {
  const event = (at: number): object => ({
    at,
    kind: 'message',
    app: null,
    slot: null,
    pid: null,
    text: `${at}`,
    report: null,
  });
  let streams = 0;
  const fake = await fakeControl(t, {
    'GET /v1/events': (request, response) => {
      streams += 1;
      answerLines(...(streams === 1 ? [event(5), event(6)] : [event(7)]))(request, response);
    },
  });
  const events = await collect(createControlClient(fake.home).events({ since: 5, follow: true }), 3);
  assert.deepEqual(
    events.map(({ at }) => at),
    [5, 6, 7],
  );
  assert.deepEqual(fake.asked, ['GET /v1/events?follow=1&since=5', 'GET /v1/events?follow=1&since=7']);
});

test('logs ask for streams and targets, and read what is there from the files', async (t) => {
  const fake = await fakeControl(t, {});
  const path = join(fake.home.dir, 'api.err.log');
  writeFileSync(path, 'one\ntwo\nthree\n');
  const place = { app: 'api', slot: null, stream: 'err', format: 'plain', path };
  fake.routes['GET /v1/logs'] = answerLines({
    logs: [{ ...place, file: `inode-${statSync(path).ino}`, offset: 8 }],
  });
  const client = createControlClient(fake.home);
  const lines = await collect(client.logs({ targets: ['api'], lines: 1, follow: false, stream: 'err' }));
  assert.deepEqual(lines, [{ at: null, app: 'api', slot: null, stream: 'err', text: 'two' }]);
  assert.deepEqual(fake.asked, ['GET /v1/logs?target=api&stream=err']);
});

test('a follower of logs goes over the death of a supervisor: nothing is lost or twice', async (t) => {
  const fake = await fakeControl(t, {});
  const path = join(fake.home.dir, 'api.out.log');
  writeFileSync(path, '1\n');
  const { ino } = statSync(path);
  const place = { app: 'api', slot: null, stream: 'out', format: 'plain', path, file: `inode-${ino}` };
  const line = { at: 5, app: 'api', slot: 0, stream: 'out' };
  let opened = 0;
  fake.routes['GET /v1/logs'] = (request, response) => {
    opened += 1;
    // Each time more has been written while nobody told it.
    writeFileSync(path, '1\n2\n3\n4\n5\n'.slice(0, 2 * [1, 1, 4][opened - 1]!));
    const places = { logs: [{ ...place, offset: statSync(path).size }] };
    const live =
      opened === 2
        ? [{ ...line, text: '2', cursor: `inode-${ino}:4` }]
        : opened === 3
          ? [{ missed: 7 }, { ...line, text: '5', cursor: `inode-${ino}:10` }]
          : [];
    answerLines(places, ...live)(request, response);
  };
  let missed = 0;
  const lines = createControlClient(fake.home).logs({
    targets: [],
    lines: 9,
    follow: true,
    stream: undefined,
    onMissed: (count) => (missed += count),
  });
  assert.deepEqual(
    (await collect(lines, 5)).map(({ text }) => text),
    ['1', '2', '3', '4', '5'],
  );
  assert.equal(missed, 7);
});

test('waiting for an app to stop goes over the death of a supervisor', async (t) => {
  let asked = 0;
  const fake = await fakeControl(t, {
    'GET /v1/ping': answer({ holder: null }),
    'GET /v1/wait-stopped': (request, response) => {
      asked += 1;
      if (asked === 1) response.destroy();
      else answer({ exitCode: null })(request, response);
    },
  });
  assert.deepEqual(await createControlClient(fake.home).waitStopped('api'), { exitCode: null });

  fake.routes['GET /v1/wait-stopped'] = () => {};
  const abort = new AbortController();
  const waiting = createControlClient(fake.home).waitStopped('api', abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
});
