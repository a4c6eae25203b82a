import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogPlace, Operation } from '../../../src/protocol/control.ts';
import { answer, answerLines, app, fakeControl, operation, worker } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

const report = { answered: 12_345, refused: 0, reset: 1, truncated: 0, fullCapacityMs: 1_234 };
const done = operation({ state: 'succeeded', endedAt: 3_300, report });

const routesFor = (ended: Operation) => ({
  'POST /v1/operations': answer({ operations: [{ ...ended, state: 'running' }] }, 202),
  'POST /v1/apps': answer({ operations: [{ ...ended, state: 'running' }] }, 202),
  'GET /v1/operations/op1/follow': answerLines(ended),
  'GET /v1/apps': answer({ version: 1, apps: [app()] }),
});

test('reload says how long it took and what became of the requests', async (t) => {
  const { home, bodies } = await fakeControl(t, routesFor(done));
  const result = await runCli(home, [
    'reload',
    'api',
    '-p',
    '2',
    '--env',
    'A=1',
    '--no-autorestart',
    '--',
    '--flag',
  ]);
  assert.deepEqual(result, {
    code: 0,
    stdout:
      'api reloaded in 2.3 s\n  answered 12,345 · refused 0 · reset 1 · truncated 0 · full capacity in 1.2 s\n',
    stderr: '',
  });
  assert.deepEqual(bodies, [
    {
      verb: 'reload',
      targets: ['api'],
      patch: { restart: { auto: false }, setEnv: { A: '1' }, args: ['--flag'] },
      parallel: 2,
    },
  ]);
});

test('flags that were not given are not in the request', async (t) => {
  const { home, bodies } = await fakeControl(t, routesFor(done));
  for (const line of [
    'reload api',
    'restart all /^web/',
    'stop api',
    'rollback api',
    'del api',
    'scale a b -1',
    'start api',
  ]) {
    assert.equal((await runCli(home, line.split(' '))).code, 0, line);
  }
  assert.deepEqual(bodies, [
    { verb: 'reload', targets: ['api'] },
    { verb: 'restart', targets: ['all', '/^web/'] },
    { verb: 'stop', targets: ['api'] },
    { verb: 'rollback', targets: ['api'] },
    { verb: 'delete', targets: ['api'] },
    { verb: 'scale', targets: ['a', 'b'], to: '-1' },
    { verb: 'start', targets: ['api'] },
  ]);
});

test('a failed operation shows the last output, what happened and what to do, and its exit code', async (t) => {
  const error = {
    code: 'E_WORKER_EXITED',
    message: 'api: worker 0 ended.',
    fix: 'Look above.',
    output: 'boom\n  at app.js:1\n',
  } as const;
  const failed = operation({ state: 'failed', error, endedAt: 2_000 });
  const { home } = await fakeControl(t, routesFor(failed));
  const expected = '  | boom\n  |   at app.js:1\nskein: api: worker 0 ended.\n  Look above.\n';
  assert.deepEqual(await runCli(home, ['reload', 'api']), { code: 4, stdout: '', stderr: expected });
  const json = await runCli(home, ['reload', 'api', '--json']);
  assert.deepEqual(
    [json.code, json.stderr, JSON.parse(json.stdout)],
    [4, expected, { operations: [failed] }],
  );
});

test('start sends the spec, waits, and prints a table', async (t) => {
  const { home, bodies, asked } = await fakeControl(
    t,
    routesFor(operation({ verb: 'start', state: 'succeeded', endedAt: 1_500 })),
  );
  writeFileSync(join(home.dir, 'api.js'), '');
  const result = await runCli(home, ['start', 'api.js', '-i', '2', '--', 'start', '--json']);
  assert.equal(result.code, 0);
  assert.equal(result.stderr, 'api started in 500 ms\n');
  assert.match(result.stdout, /^app +state +pid/);
  const { spec } = bodies[0] as { spec: Record<string, unknown> };
  assert.deepEqual(
    [spec['name'], spec['instances'], spec['args'], spec['cwd']],
    ['api', 2, ['start', '--json'], home.dir],
  );
  assert.deepEqual(asked, ['POST /v1/apps', 'GET /v1/operations/op1/follow', 'GET /v1/apps?target=api']);
});

test('start --no-wait returns at once', async (t) => {
  const { home, asked } = await fakeControl(t, routesFor(operation({ verb: 'start' })));
  writeFileSync(join(home.dir, 'api.js'), '');
  const result = await runCli(home, ['start', 'api.js', '--no-wait']);
  assert.deepEqual([result.code, result.stdout], [0, '']);
  assert.match(result.stderr, /^api is starting/);
  assert.deepEqual(asked, ['POST /v1/apps']);
});

test('start of what is neither script nor app suggests the app', async (t) => {
  const { home } = await fakeControl(t, routesFor(done));
  const result = await runCli(home, ['start', 'apu']);
  assert.equal(result.code, 3);
  assert.match(result.stderr, /There is no file apu\. Did you mean api\? \(an app\)/);
});

test('list as a table and as JSON', async (t) => {
  const apps = [
    app({ workers: [worker(), worker({ slot: 1, state: 'starting', pid: 99, requestsPerSecond: null })] }),
  ];
  const { home, asked } = await fakeControl(t, { 'GET /v1/apps': answer({ version: 1, apps }) });
  const table = await runCli(home, ['ls', 'api', '/x/']);
  assert.equal(table.code, 0);
  assert.match(table.stdout, /^api +running .*127\.0\.0\.1:3000$/m);
  assert.match(table.stdout, /^ {2}\.1 +starting +99 /m);
  const json = await runCli(home, ['status', '--json']);
  assert.deepEqual(JSON.parse(json.stdout), { version: 1, apps });
  assert.deepEqual(asked, ['GET /v1/apps?target=api&target=%2Fx%2F', 'GET /v1/apps']);
});

test('list of nothing', async (t) => {
  const { home } = await fakeControl(t, { 'GET /v1/apps': answer({ version: 1, apps: [] }) });
  const result = await runCli(home, ['list']);
  assert.deepEqual([result.code, result.stdout], [0, '']);
  assert.match(result.stderr, /No apps/);
});

test('logs and events line by line', async (t) => {
  const event = {
    at: Date.now(),
    kind: 'worker-crashed',
    app: 'api',
    slot: 1,
    pid: 7,
    text: 'exit code 1',
    report,
  };
  const { home, asked, routes } = await fakeControl(t, { 'GET /v1/events': answerLines(event) });
  const file = (name: string, slot: number | null, text: string): LogPlace => {
    const path = join(home.dir, name);
    writeFileSync(path, text);
    const { ino, size: offset } = statSync(path);
    return { app: 'api', slot, stream: 'out', format: 'plain', path, file: `inode-${ino}`, offset };
  };
  const logs = [file('a', 0, 'hello\nbye\n'), file('b', null, 'one\ntwo\nhello\n')];
  routes['GET /v1/logs'] = answerLines({ logs });
  assert.equal(
    (await runCli(home, ['logs', '--out', '-n', '1', 'api'])).stdout,
    'api.0 | bye\napi   | hello\n',
  );
  const json = (await runCli(home, ['logs', '--json', '--grep', '/^H/i'])).stdout;
  const line = { at: null, app: 'api', slot: 0, stream: 'out', text: 'hello' };
  assert.equal(json, `${JSON.stringify(line)}\n${JSON.stringify({ ...line, slot: null })}\n`);
  assert.equal((await runCli(home, ['logs', '--grep', 'none such'])).stdout, '');
  const bad = await runCli(home, ['logs', '--grep', '(']);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /\( is not a regular expression/);
  assert.match(
    (await runCli(home, ['events'])).stdout,
    /^\d\d:\d\d:\d\d {2}api\.1 {2}exit code 1 \(answered 12,345 · .*\)\n$/,
  );
  assert.equal((await runCli(home, ['events', '--json'])).stdout, `${JSON.stringify(event)}\n`);
  assert.deepEqual(asked.slice(0, 2), ['GET /v1/logs?target=api&stream=out', 'GET /v1/logs']);
});

test('flush and reload-logs', async (t) => {
  const { home, bodies } = await fakeControl(t, {
    'POST /v1/logs/flush': answer({ flushed: ['/logs/api.out.log'] }),
    'POST /v1/logs/reopen': answer({}),
  });
  assert.equal((await runCli(home, ['flush', 'api'])).stdout, '/logs/api.out.log is empty\n');
  assert.equal((await runCli(home, ['flush', '--json'])).stdout, '{"flushed":["/logs/api.out.log"]}\n');
  assert.deepEqual(bodies, [{ targets: ['api'] }, { targets: [] }]);
  assert.match((await runCli(home, ['reload-logs'])).stdout, /opened anew/);
});

test('signal and ping', async (t) => {
  const ping = { holder: null, supervisor: { pid: 12, version: '1.0.0', uptimeMs: 65_000 } };
  const { home, bodies } = await fakeControl(t, {
    'POST /v1/signal': answer({ signalled: [7, 8] }),
    'GET /v1/ping': answer(ping),
  });
  assert.equal((await runCli(home, ['signal', 'usr2', 'api', 'web'])).stdout, 'SIGUSR2 sent to 7, 8\n');
  assert.deepEqual(bodies, [{ signal: 'SIGUSR2', targets: ['api', 'web'] }]);
  assert.equal(
    (await runCli(home, ['ping'])).stdout,
    'holder      gone\nsupervisor  pid 12, version 1.0.0, up 1 min 5 s\n',
  );
  assert.deepEqual(JSON.parse((await runCli(home, ['ping', '--json'])).stdout), ping);
});

test('ping shows the state server where one runs', async (t) => {
  const info = { pid: 12, version: '1.0.0', uptimeMs: 65_000 };
  const stateServer = { pid: 14, uptimeMs: 2_000, rssBytes: 52_000_000 };
  const { home } = await fakeControl(t, {
    'GET /v1/ping': answer({ holder: info, supervisor: info, stateServer }),
  });
  assert.equal((await runCli(home, ['ping'])).stdout.split('\n')[2], 'state server  pid 14, up 2 s, 50 MiB');
});

test('describe shows the settings and never a value of the environment', async (t) => {
  const details = {
    ...app(),
    previousGeneration: null,
    logs: { out: '/logs/api.out.log', err: '/logs/api.err.log' },
    events: [
      { at: Date.now(), kind: 'worker-ready', app: 'api', slot: 0, pid: 1, text: 'ready', report: null },
    ],
    spec: {
      name: 'api',
      script: '/srv/api.js',
      args: ['--x'],
      cwd: '/srv',
      kind: 'node',
      interpreter: '/bin/node',
      nodeArgs: [],
      instances: 1,
      accept: 'shared',
      ready: { kind: 'http', path: '/up' },
      readyTimeoutMs: 30_000,
      stopSignal: 'SIGTERM',
      drainTimeoutMs: 30_000,
      killTimeoutMs: 10_000,
      restart: { auto: true, maxRestarts: 5, stopExitCodes: [3], delayMs: 2_000 },
      maxMemoryBytes: 314_572_800,
      hangTimeoutMs: null,
      source: '/srv/skein.config.ts',
      dependsOn: [{ app: 'db', condition: 'ready' }],
      hooks: { before: 'npm run migrate', after: null, timeoutMs: 300_000 },
      watch: null,
      cron: { expression: '0 4 * * *', timeZone: 'Europe/Berlin' },
      runAs: { user: 'www', uid: 33, gid: 33 },
      envNames: ['PATH'],
    },
  };
  const { home } = await fakeControl(t, { 'GET /v1/apps': answer({ version: 1, apps: [details] }) });
  const { code, stdout } = await runCli(home, ['describe', 'api']);
  assert.equal(code, 0);
  assert.match(stdout, /GET \/up, within 30 s/);
  assert.match(stdout, /up to 5 times, after 2 s at least, not after exit code 3/);
  assert.match(stdout, /300 MiB/);
  assert.match(stdout, /needs +db \(ready\)/);
  assert.match(stdout, /rollout +before: npm run migrate\n/);
  assert.match(stdout, /reloads at +0 4 \* \* \* \(Europe\/Berlin\)/);
  assert.match(stdout, /user +www/);
  assert.doesNotMatch(stdout, /watches/);
  assert.match(stdout, /last events/);
});
