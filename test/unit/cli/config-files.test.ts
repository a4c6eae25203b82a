import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Applied, ApplyRequest } from '../../../src/protocol/control.ts';
import { answer, answerLines, fakeControl, operation, temporaryHome } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

const started = operation({ verb: 'start', state: 'succeeded', endedAt: 1_100 });
const applied: Applied = {
  plan: [
    { app: 'api', action: 'start', changed: [] },
    {
      app: 'web',
      action: 'reload',
      changed: [
        { setting: 'env.PORT', from: null, to: null },
        { setting: 'killTimeout', from: '10s', to: '3s' },
        { setting: 'user', from: null, to: 'deploy' },
      ],
    },
    { app: 'old', action: 'stop', changed: [] },
    { app: 'same', action: 'none', changed: [] },
  ],
  leftAlone: ['other'],
  operations: [{ ...started, state: 'running' }],
};

const routes = {
  'POST /v1/apply': answer(applied, 202),
  'GET /v1/operations/op1/follow': answerLines(started),
};

const config = {
  apps: [
    { name: 'api', script: 'a.js', env_production: { A: 1 } },
    { name: 'web', script: 'a.js' },
  ],
};

/** A folder with a config, beside the home's own files. */
const project = (dir: string, value: unknown = config): string => {
  const folder = join(dir, 'project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.js'), '');
  writeFileSync(join(folder, 'skein.config.json'), JSON.stringify(value, null, 1));
  return folder;
};

test('apply sends the file, shows the plan and how each change ended', async (t) => {
  const { home, bodies } = await fakeControl(t, routes);
  const cwd = project(home.dir);
  const result = await runCli(home, ['apply'], cwd);
  assert.deepEqual(result, {
    code: 0,
    stdout:
      '+ api start\n~ web reload: env.PORT, killTimeout 10s → 3s, user none → deploy\n- old stop\n= 1 unchanged\n  left alone: other\napi started in 100 ms\n',
    stderr: '',
  });
  const [request] = bodies as ApplyRequest[];
  assert.deepEqual(
    { ...request, apps: request?.apps.map(({ spec, autostart }) => [spec.name, autostart]) },
    {
      apps: [
        ['api', true],
        ['web', true],
      ],
      stop: { source: join(cwd, 'skein.config.json') },
      atLeast: null,
      dryRun: false,
    },
  );
});

test('what each command asks for', async (t) => {
  const { home, bodies } = await fakeControl(t, routes);
  const cwd = project(home.dir);
  const source = join(cwd, 'skein.config.json');
  /** [command line, what else is in the request, apps] */
  const lines: readonly (readonly [string, object, string])[] = [
    ['apply --keep', { stop: 'none' }, 'api,web'],
    ['apply --all', { stop: 'all' }, 'api,web'],
    ['apply --only web', { stop: 'none' }, 'web'],
    [
      'apply --dry-run --update-env -p 2',
      { stop: { source }, dryRun: true, updateEnv: true, parallel: 2 },
      'api,web',
    ],
    ['start', { stop: 'none' }, 'api,web'],
    ['start skein.config.json --only api', { stop: 'none' }, 'api'],
    ['reload skein.config.json --env production', { stop: 'none', atLeast: 'reload' }, 'api,web'],
    ['restart ./skein.config.json', { stop: 'none', atLeast: 'restart' }, 'api,web'],
  ];
  for (const [line, wanted, apps] of lines) {
    bodies.length = 0;
    assert.equal((await runCli(home, line.split(' '), cwd)).code, 0, line);
    const [{ apps: sent, ...request }] = bodies as [ApplyRequest];
    assert.deepEqual(request, { atLeast: null, dryRun: false, ...wanted }, line);
    assert.equal(sent.map(({ spec }) => spec.name).join(), apps, line);
    if (line.includes('production')) assert.deepEqual(sent[0]?.spec.env, { A: '1' });
  }
});

test('stop and delete take the apps of a file', async (t) => {
  const { home, bodies } = await fakeControl(t, {
    ...routes,
    'POST /v1/operations': answer({ operations: [{ ...started, state: 'running' }] }, 202),
  });
  const cwd = project(home.dir);
  for (const line of ['stop skein.config.json other', 'delete ./skein.config.json', 'stop gone.json'])
    assert.equal((await runCli(home, line.split(' '), cwd)).code, 0, line);
  assert.deepEqual(bodies, [
    { verb: 'stop', targets: ['api', 'web', 'other'] },
    { verb: 'delete', targets: ['api', 'web'] },
    { verb: 'stop', targets: ['gone.json'] },
  ]);
});

test('apply --json, and the exit code of what failed', async (t) => {
  const error = { code: 'E_WORKER_EXITED', message: 'api: worker 0 ended.', fix: 'Look above.' } as const;
  const failed = operation({ verb: 'start', state: 'failed', endedAt: 1_100, error });
  const { home } = await fakeControl(t, { ...routes, 'GET /v1/operations/op1/follow': answerLines(failed) });
  const { code, stdout, stderr } = await runCli(home, ['apply', '--json'], project(home.dir));
  assert.equal(code, 4);
  assert.deepEqual(JSON.parse(stdout), {
    version: 1,
    plan: applied.plan,
    leftAlone: ['other'],
    operations: [failed],
  });
  assert.equal(stderr, 'skein: api: worker 0 ended.\n  Look above.\n');
});

test('a dry run where nothing runs starts nothing', async (t) => {
  const home = temporaryHome(t);
  const cwd = project(home.dir, [
    { name: 'a', script: 'a.js' },
    { name: 'b', script: 'a.js', autostart: false },
  ]);
  const result = await runCli(home, ['apply', '--dry-run'], cwd);
  assert.deepEqual(result, { code: 0, stdout: '+ a start\n+ b add\n', stderr: '' });
});

test('nothing is asked for when anything in the file is wrong', async (t) => {
  const { home, asked } = await fakeControl(t, routes);
  const cwd = project(home.dir, [
    { script: 'a.js', kilTimeout: 1 },
    { script: 'a.js', name: 'b', ready: 'x' },
  ]);
  for (const line of [
    'apply',
    'apply --dry-run',
    'start',
    'reload skein.config.json',
    'restart skein.config.json',
  ]) {
    const { code, stdout, stderr } = await runCli(home, line.split(' '), cwd);
    assert.deepEqual([code, stdout], [2, ''], line);
    assert.match(
      stderr,
      /^skein: skein\.config\.json:4: there is no setting \[0\]\.kilTimeout\. Did you mean killTimeout\?\n/,
    );
    assert.match(stderr, /\nskein: skein\.config\.json:9: \[1\]\.ready is x, which is not/);
  }
  assert.deepEqual(asked, []);
});

/** [command line, exit code, what stderr says] */
const mistakes: readonly (readonly [string, number, RegExp])[] = [
  ['apply --only wep', 3, /no app named wep\. Did you mean web\?/],
  ['apply --keep --all', 2, /--keep/],
  ['apply --all --only web', 2, /--only/],
  ['apply --env a --env b', 2, /one profile, not a and b/],
  ['apply --env prod', 3, /has no profile prod\. Did you|has no profile prod\. It has production/],
  ['apply -p 0', 2, /--parallel: 0/],
  ['apply gone.json', 3, /There is no file/],
  ['apply a.js', 2, /a\.js cannot be used: it has neither apps nor a script/],
  ['apply one two', 2, /Too many arguments/],
  ['start skein.config.json -n x', 2, /--name is for a script/],
  ['start a.js --env production', 2, /--env: production is not KEY=VALUE/],
  ['start a.js --cron 61', 2, /--cron: 61 is no time for a restart/],
  ['start a.js --group x', 2, /--group says something only together with --user/],
  ['start a.js --user no-such', 6, /a cannot run as no-such/],
  ['start a.js --env-file gone.env', 3, /--env-file: the environment file .*gone\.env cannot be read/],
  ['start a.js --log-size much', 2, /--log-size: much is not a size/],
  ['start a.js --depends-on a:soon', 2, /--depends-on: soon is not one of/],
  ['config', 2, /Missing required argument/],
  ['config chek', 2, /config has no chek\. Did you mean check\?/],
  ['config print gone.yaml', 3, /There is no file/],
];

for (const [line, code, says] of mistakes) {
  test(`skein ${line}`, async (t) => {
    const home = temporaryHome(t);
    const result = await runCli(home, line.split(' '), project(home.dir));
    assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
    assert.match(result.stderr, says);
  });
}

test('without a config above', async (t) => {
  const home = temporaryHome(t);
  for (const line of ['apply', 'config check']) {
    const { code, stderr } = await runCli(home, line.split(' '));
    assert.equal(code, 3, line);
    assert.match(stderr, /There is no config file in/);
  }
});

test('config check', async (t) => {
  const home = temporaryHome(t);
  const cwd = project(home.dir);
  assert.deepEqual(await runCli(home, ['config', 'check'], cwd), {
    code: 0,
    stdout: 'skein.config.json is good: api, web.\n',
    stderr: '',
  });
  project(home.dir, [{ script: 'a.js', ready: 'x' }]);
  const { code, stdout, stderr } = await runCli(home, ['config', 'check', '--json'], cwd);
  assert.equal(code, 2);
  const { problems, ...rest } = JSON.parse(stdout) as { problems: { code: string }[] };
  assert.deepEqual(rest, { version: 1, file: join(cwd, 'skein.config.json'), apps: [] });
  assert.deepEqual(
    problems.map((problem) => problem.code),
    ['E_CONFIG_VALUE'],
  );
  assert.match(stderr, /^skein: skein\.config\.json:4: /);
});

test('config print shows each value and where it comes from, of variables only the latter', async (t) => {
  const home = temporaryHome(t);
  const cwd = project(home.dir, [
    {
      name: 'api',
      script: 'a.js',
      killTimeout: 3000,
      env: { A: 'secret' },
      env_production: { B: 'secret' },
      watch: true,
    },
  ]);
  const env = ['--env', 'production', '--env', 'C=secret'];
  const plain = await runCli(home, ['config', 'print', ...env], cwd);
  assert.equal(plain.code, 0);
  assert.doesNotMatch(plain.stdout, /secret|default/);
  for (const line of [
    /^api$/m,
    /^ {2}script +\S+a\.js +skein\.config\.json:4$/m,
    /^ {2}killTimeout +3s +skein\.config\.json:5$/m,
    /^ {2}env\.A +\(not shown\) +skein\.config\.json:7$/m,
    /^ {2}env\.B +\(not shown\) +skein\.config\.json:10$/m,
    /^ {2}env\.C +\(not shown\) +--env$/m,
  ])
    assert.match(plain.stdout, line);
  const whole = await runCli(home, ['config', 'print', '--resolved', ...env], cwd);
  assert.match(whole.stdout, /^ {2}drainTimeout +30s +default$/m);
  const { apps } = JSON.parse(
    (await runCli(home, ['config', 'print', '--resolved', '--json', ...env], cwd)).stdout,
  ) as {
    apps: { name: string; settings: { setting: string; value: unknown; from: string }[] }[];
  };
  const setting = (name: string): unknown => apps[0]?.settings.find((one) => one.setting === name);
  assert.deepEqual(setting('instances'), { setting: 'instances', value: 1, from: 'default' });
  assert.deepEqual(setting('env.B'), { setting: 'env.B', value: null, from: 'skein.config.json:10' });
});

test('flags of start become the whole spec', async (t) => {
  const { home, bodies } = await fakeControl(t, {
    'POST /v1/apps': answer({ operations: [started] }, 202),
    'GET /v1/apps': answer({ version: 1, apps: [] }),
  });
  const cwd = project(home.dir);
  const line =
    'start a.js --namespace shop --watch-path a.js --watch-ignore x --cron 0_4_*_*_* --cron-time-zone UTC --log-out o.log --no-log-compress --log-keep 3 --env-file e.env --env A=2 --restart-delay 1s --depends-on db:started --before-rollout true --increment-var PORT --save-secrets --stop-signal message --no-logs';
  writeFileSync(join(cwd, 'e.env'), 'A=1\nB=1');
  const words = line.split(' ').map((word) => word.replaceAll('_', ' '));
  assert.deepEqual((await runCli(home, words, cwd)).stderr, 'api started in 100 ms\n');
  const [{ spec }] = bodies as [{ spec: Record<string, unknown> }];
  const {
    namespace,
    watch,
    cron,
    logs,
    env,
    restart,
    dependsOn,
    hooks,
    incrementVar,
    saveSecrets,
    stopSignal,
  } = spec;
  assert.deepEqual([namespace, incrementVar, saveSecrets, stopSignal], ['shop', 'PORT', true, 'message']);
  assert.deepEqual(watch, { paths: [join(cwd, 'a.js')], ignore: ['x'], delayMs: 500 });
  assert.deepEqual(cron, { expression: '0 4 * * *', timeZone: 'UTC' });
  assert.deepEqual(logs, {
    enabled: false,
    out: join(cwd, 'o.log'),
    err: null,
    combined: null,
    perWorker: false,
    format: 'plain',
    timestamp: null,
    rotation: { maxSizeBytes: 50 * 1024 ** 2, everyMs: null, keep: 3, maxTotalBytes: null, compress: false },
  });
  assert.deepEqual(env, { A: '2', B: '1' });
  assert.deepEqual(restart, { auto: true, maxRestarts: null, stopExitCodes: [], delayMs: 1000 });
  assert.deepEqual(dependsOn, [{ app: 'db', condition: 'started' }]);
  assert.deepEqual(hooks, { before: 'true', after: null, timeoutMs: 300_000 });
});
