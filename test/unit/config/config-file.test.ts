import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { ConfigFile, ConfigOptions } from '../../../src/config/config-file.ts';
import { readConfig } from '../../../src/config/config-file.ts';
import { positionText } from '../../../src/config/place.ts';
import type { ErrorCode } from '../../../src/core/error-catalogue.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import { temporaryFolder } from '../support/folder.ts';

const NAME = 'skein.config.json';

interface Read extends ConfigFile {
  readonly dir: string;
}

/** Reads a config of which everything else is in `files`. */
const read = async (
  t: TestContext,
  value: unknown,
  options: ConfigOptions = {},
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Read> => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const dir = temporaryFolder(t, {
    'a.js': '',
    'here/x': '',
    ...files,
    [`conf/${NAME}`]: text,
    'conf/a.js': '',
  });
  const context = { cwd: dir, env: { PATH: process.env['PATH'], ...env }, cpus: 4 };
  return { dir, ...(await readConfig(join('conf', NAME), options, context)) };
};

const specs = ({ apps, problems }: ConfigFile): AppSpec[] => {
  assert.deepEqual(
    problems.map((problem) => problem.message),
    [],
  );
  return apps.map(({ app }) => app.spec);
};

const only = (config: ConfigFile): AppSpec => {
  const [spec, ...rest] = specs(config);
  assert.ok(spec !== undefined && rest.length === 0);
  return spec;
};

/** `E_CODE message` of each. */
const problemsOf = ({ problems }: ConfigFile): string[] =>
  problems.map(({ code, message }) => `${code} ${message}`);

const refuses = async (promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> => {
  await assert.rejects(
    promise,
    (error) => error instanceof SkeinError && error.code === code && message.test(error.message),
  );
};

const app = (more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  script: 'a.js',
  ...more,
});

test('an object with apps, a list and one app are the same', async (t) => {
  for (const value of [{ apps: [app()] }, [app()], app(), { $schema: 'x', ...app() }]) {
    const config = await read(t, value);
    const spec = only(config);
    assert.deepEqual(
      [spec.name, spec.script, spec.cwd, spec.source],
      ['a', join(config.dir, 'conf', 'a.js'), join(config.dir, 'conf'), join(config.dir, 'conf', NAME)],
    );
  }
  assert.deepEqual(specs(await read(t, { apps: [] })), []);
});

test('every setting, in both spellings', async (t) => {
  const logs = { out: 'o.log', perWorker: true, timestamp: true, rotate: { every: '1d', size: 'none' } };
  const value = app({
    name: 'api',
    args: ['--port', 3000, ''],
    nodeArgs: '--a "b c"',
    instances: '50%',
    accept: 'per-worker',
    ready: '/up',
    readyTimeout: 5000,
    stopSignal: 'message',
    drainTimeout: 0,
    killTimeout: '1.5s',
    autorestart: false,
    maxRestarts: 3,
    stopExitCodes: [0, 3],
    restartDelay: '1s',
    maxMemory: '512MiB',
    hangTimeout: '10s',
    saveSecrets: true,
    namespace: 'shop',
    incrementVar: 'PORT',
    instanceVar: 'N',
    logs,
    watch: { paths: ['src'], delay: '1s' },
    cron: { expression: '0 4 * * *', timeZone: 'Europe/Berlin' },
    hooks: { beforeRollout: 'true', timeout: '1m' },
    autostart: false,
  });
  const config = await read(t, value);
  const { dir } = config;
  const spec = only(config);
  assert.equal(config.apps[0]?.app.autostart, false);
  const {
    shellEnv: _,
    script: _script,
    interpreter: _interpreter,
    cwd: _cwd,
    source: _source,
    ...rest
  } = spec;
  assert.deepEqual(rest, {
    name: 'api',
    args: ['--port', '3000', ''],
    kind: 'node',
    env: {},
    nodeArgs: ['--a', 'b c'],
    instances: 2,
    accept: 'per-worker',
    ready: { kind: 'http', path: '/up' },
    readyTimeoutMs: 5000,
    stopSignal: 'message',
    drainTimeoutMs: 0,
    killTimeoutMs: 1500,
    restart: { auto: false, maxRestarts: 3, stopExitCodes: [0, 3], delayMs: 1000 },
    maxMemoryBytes: 512 * 1024 ** 2,
    hangTimeoutMs: 10_000,
    saveSecrets: true,
    namespace: 'shop',
    incrementVar: 'PORT',
    instanceVar: 'N',
    dependsOn: [],
    logs: {
      enabled: true,
      out: join(dir, 'conf', 'o.log'),
      err: null,
      combined: null,
      perWorker: true,
      format: 'plain',
      timestamp: 'iso',
      rotation: { maxSizeBytes: null, everyMs: 86_400_000, keep: 10, maxTotalBytes: null, compress: true },
    },
    watch: { paths: [join(dir, 'conf', 'src')], ignore: [], delayMs: 1000 },
    cron: { expression: '0 4 * * *', timeZone: 'Europe/Berlin' },
    hooks: { before: 'true', after: null, timeoutMs: 60_000 },
    runAs: null,
    balance: null,
    balancer: null,
  });
  const snake = JSON.stringify(value).replaceAll(/"([a-z]+[A-Z]\w*)":/g, (whole) =>
    whole.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  assert.match(snake, /"kill_timeout":.*"per_worker":/);
  const other = only(await read(t, snake));
  assert.deepEqual(
    { ...other, shellEnv: {} },
    JSON.parse(
      JSON.stringify({ ...spec, shellEnv: {} }).replaceAll(
        dir,
        other.source?.slice(0, -'/conf/'.length - NAME.length) ?? '',
      ),
    ),
  );
});

test('short forms', async (t) => {
  const short = only(await read(t, app({ logs: false, watch: true, cron: '0 4 * * *', depends_on: [] })));
  assert.equal(short.logs.enabled, false);
  assert.deepEqual(short.watch, { paths: [short.cwd], ignore: [], delayMs: 500 });
  assert.deepEqual(short.cron, { expression: '0 4 * * *', timeZone: null });
  const rotation = only(await read(t, app({ logs: { rotate: false } }))).logs.rotation;
  assert.deepEqual([rotation.maxSizeBytes, rotation.everyMs], [null, null]);
  const watch = only(await read(t, app({ cwd: '../here', watch: { ignore: 'x/**' } }))).watch;
  assert.match(watch?.paths[0] ?? '', /here$/);
  assert.deepEqual(only(await read(t, app({ watch: false, watch_x: undefined }))).watch, null);
});

test('dependencies: names, objects and maps', async (t) => {
  const others = ['db', 'queue'].map((name) => app({ name }));
  const forms = [
    ['db', 'queue:started'],
    [
      { app: 'db', condition: 'ready' },
      { app: 'queue', condition: 'started' },
    ],
    { db: { condition: 'ready' }, queue: 'started' },
    { db: {}, queue: { condition: 'started' } },
  ];
  for (const dependsOn of forms) {
    const [spec] = specs(await read(t, [app({ dependsOn }), ...others]));
    assert.deepEqual(spec?.dependsOn, [
      { app: 'db', condition: 'ready' },
      { app: 'queue', condition: 'started' },
    ]);
  }
});

test('the environment: env_file, env, the profile, flags, each over the one before', async (t) => {
  const value = {
    apps: [
      app({
        env_file: ['one.env', 'two.env'],
        env: { B: 2, C: true, E: 'env', GONE: null, HOME: null },
        env_production: { D: 'profile', E: 'profile' },
      }),
      app({ name: 'other' }),
    ],
  };
  const files = { 'conf/one.env': 'A=1\nB=1\nGONE=1\n', 'conf/two.env': '# two\nexport A="two"\nF=f' };
  const options = { profile: 'production', settings: { env: ['E=flag', 'G=flag'] } };
  const config = await read(t, value, options, files, { HOME: '/root', GONE: 'x', STAYS: 'x' });
  const [spec, other] = specs(config);
  assert.deepEqual(spec?.env, { A: 'two', B: '2', C: 'true', D: 'profile', E: 'flag', F: 'f', G: 'flag' });
  assert.deepEqual(Object.keys(spec.shellEnv).toSorted(), ['PATH', 'STAYS']);
  assert.deepEqual(other?.env, { E: 'flag', G: 'flag' });
  const origins = config.apps[0]?.envOrigins ?? new Map();
  const text = [...origins].map(
    ([name, place]) => `${name} ${typeof place === 'string' ? place : positionText(place)}`,
  );
  const conf = join('conf', NAME);
  assert.deepEqual(text.toSorted(), [
    `A ${join('conf', 'two.env')}:2`,
    `B ${conf}:1`,
    `C ${conf}:1`,
    `D ${conf}:1`,
    'E --env',
    `F ${join('conf', 'two.env')}:3`,
    'G --env',
  ]);
});

test('what is inherited of the shell', async (t) => {
  const env = { HOME: '/root', LC_ALL: 'C', AWS_KEY: 'x' };
  const inherited = async (inheritEnv: unknown): Promise<string[]> =>
    Object.keys(only(await read(t, app({ inheritEnv }), {}, {}, env)).shellEnv).toSorted();
  assert.deepEqual(await inherited(true), ['AWS_KEY', 'HOME', 'LC_ALL', 'PATH']);
  assert.deepEqual(await inherited(false), []);
  assert.deepEqual(await inherited(['HOME', 'LC_*']), ['HOME', 'LC_ALL']);
  assert.deepEqual(await inherited(['!AWS_*']), ['HOME', 'LC_ALL', 'PATH']);
});

test('flags are laid over every app, and their paths start where the command was typed', async (t) => {
  const settings = {
    killTimeout: '3s',
    cwd: 'here',
    logOut: 'o.log',
    watch: true,
    autorestart: false,
    envFile: ['x.env'],
  };
  const value = [app({ killTimeout: '1s', logs: { err: 'e.log' } }), app({ name: 'b' })];
  const config = await read(t, value, { settings, args: ['--x'] }, { 'x.env': 'A=1' });
  const [one, two] = specs(config);
  assert.deepEqual([one?.killTimeoutMs, two?.killTimeoutMs], [3000, 3000]);
  assert.deepEqual([one?.cwd, one?.logs.out], [join(config.dir, 'here'), join(config.dir, 'o.log')]);
  assert.equal(one?.logs.err, join(config.dir, 'conf', 'e.log'));
  assert.deepEqual(
    [one.watch?.paths, one.restart.auto, one.args, one.env],
    [[one.cwd], false, ['--x'], { A: '1' }],
  );
  assert.equal(config.apps[0]?.origins.get('killTimeout'), '--kill-timeout');
});

test('an unknown profile, a profile of one app only', async (t) => {
  const value = [app({ env_production: { A: 1 }, env_staging: {} }), app({ name: 'b', env: { A: 0 } })];
  const [one, two] = specs(await read(t, value, { profile: 'production' }));
  assert.deepEqual([one?.env, two?.env], [{ A: '1' }, { A: '0' }]);
  await refuses(
    read(t, value, { profile: 'prodution' }),
    'E_NO_PROFILE',
    /has no profile prodution\. Did you mean production\?/,
  );
  await refuses(read(t, value, { profile: 'x' }), 'E_NO_PROFILE', /It has production, staging\./);
  await refuses(read(t, app(), { profile: 'x' }), 'E_NO_PROFILE', /has no profile x\.$/);
});

/** [config, code and message of each problem] */
const wrong: readonly (readonly [value: unknown, ...problems: readonly RegExp[]])[] = [
  [
    app({ kilTimeout: 1 }),
    /^E_CONFIG_KEY conf.skein\.config\.json:1: there is no setting kilTimeout\. Did you mean killTimeout\?$/,
  ],
  [app({ kill_timout: 1 }), /kill_timout\. Did you mean kill_timeout\?/],
  [app({ logs: { rotate: { sise: 1 } } }), /setting logs\.rotate\.sise\. Did you mean size\?/],
  [app({ environment: {} }), /^E_CONFIG_KEY .*environment\.$/],
  [app({ envProduction: {} }), /^E_CONFIG_KEY /],
  [app({ killTimeout: 1, kill_timeout: 2 }), /^E_CONFIG .*twice, as killTimeout and as kill_timeout/],
  ['{ "script": "a.js",\n "__proto__": 1, "constructor": 1 }', /:2: .*__proto__/, /:2: .*constructor/],
  [[app(), 3, null, []], /\[1\] is no object/, /\[2\] is no object/, /\[3\] is no object/],
  [[app(), { name: 'x' }], /^E_CONFIG .*\[1\] has no script\.$/],
  [app({ script: 'gone.js' }), /^E_NO_SCRIPT conf.skein\.config\.json:1: script: There is no file/],
  [app({ script: '.' }), /^E_BAD_SCRIPT .*script: .* it is a directory/],
  [app({ script: 3 }), /^E_CONFIG_VALUE .*script is 3, which is not a file/],
  [app({ name: 'a b' }), /^E_CONFIG_VALUE .*name is a b/],
  [app({ cwd: 'gone' }), /^E_CONFIG_VALUE .*cwd is gone, which is not a directory/],
  [app({ interpreter: 'gone' }), /^E_NO_INTERPRETER .*: interpreter: /],
  [app({ instances: 0 }), /^E_CONFIG_VALUE .*instances is 0/],
  [app({ killTimeout: 'soon' }), /^E_CONFIG_VALUE .*killTimeout is soon, which is not a duration/],
  [app({ readyTimeout: -1 }), /readyTimeout is -1/],
  [app({ maxMemory: [] }), /maxMemory is a list, which is not a size/],
  [app({ stopSignal: 'SIGX' }), /^E_BAD_SIGNAL conf.skein\.config\.json:1: stopSignal: SIGX/],
  [app({ stopExitCodes: [1, 256] }), /stopExitCodes is 256/],
  [app({ stopExitCodes: { toString: 0 } }), /stopExitCodes is an object/],
  [app({ autorestart: 'no' }), /autorestart is no, which is not true or false/],
  [app({ args: [{}] }), /args is an object/],
  [app({ env: { A: ['secret'] } }), /env\.A is a list/],
  [app({ env: { 'A=B': '1' } }), /env is A=B/],
  [app({ env: 'A=secret' }), /env is text, which is not an object/],
  [app({ env_production: { A: {} } }), /env_production\.A is an object/],
  [
    app({ env_file: 'gone.env' }),
    /^E_ENV_FILE conf.skein\.config\.json:1: env_file: .*gone\.env cannot be read: there is no such file/,
  ],
  [app({ env_file: '.' }), /it is a directory/],
  [app({ incrementVar: 'A B' }), /incrementVar is A B/],
  [app({ user: 'no-such-user' }), /^E_USER .*: user: a cannot run as no-such-user: there is no such user/],
  [app({ user: {} }), /user is an object/],
  [app({ logs: { out: 'a.js/x.log' } }), /^E_LOG_FILE .*: logs\.out: a: .*a file/],
  [app({ logs: { out: '.' } }), /^E_LOG_FILE .*it is a directory/],
  [app({ logs: 3 }), /logs is 3/],
  [app({ logs: { rotate: 3 } }), /logs\.rotate is 3/],
  [app({ watch: 3 }), /watch is 3/],
  [app({ hooks: 'x' }), /hooks is x, which is not an object of hooks/],
  [app({ cron: { timeZone: 'UTC' } }), /^E_CONFIG .*cron has no expression/],
  [app({ cron: 'daily' }), /^E_CRON conf.skein\.config\.json:1: cron: daily is no time for a restart/],
  [app({ cron: '0 0 31 2 *' }), /^E_CRON .*it never comes/],
  [app({ cron: '61 * * * *' }), /^E_CRON .*61/],
  [app({ cron: '@reboot' }), /^E_CRON .*[^.]\.$/],
  [
    app({ cron: { expression: '0 4 * * *', timeZone: 'Mars/Base' } }),
    /^E_CRON .*there is no time zone Mars\/Base/,
  ],
  [app({ dependsOn: 'dbb' }), /^E_DEPENDS_ON .*there is no app of that name/],
  [app({ dependsOn: 'a' }), /^E_DEPENDS_ON .*they wait for each other: a → a/],
  [app({ dependsOn: 'b:soon' }), /dependsOn is soon, which is not one of started, ready/],
  [
    '[{"script":"a.js","name":"a","dependsOn":["b"]},\n{"script":"a.js","name":"b","depends_on":{"c":{}}},\n{"script":"a.js","name":"c","dependsOn":["a"]}]',
    /^E_DEPENDS_ON conf.skein\.config\.json:1: \[0\]\.dependsOn: a cannot depend on b: they wait for each other: a → b → c → a\.$/,
  ],
  [
    '[{"script":"a.js"},\n{"script":"a.js"}]',
    /:2: \[1\]\.name is a, which is not a name of its own: see conf.skein\.config\.json:1/,
  ],
];

for (const [value, ...expected] of wrong) {
  test(typeof value === 'string' ? value.replaceAll('\n', ' ') : JSON.stringify(value), async (t) => {
    const found = problemsOf(await read(t, value));
    assert.equal(found.length, expected.length, found.join('\n'));
    for (const [nth, pattern] of expected.entries()) assert.match(found[nth] ?? '', pattern);
  });
}

test('all mistakes of a file are found at once, and a good app is still there', async (t) => {
  const config = await read(t, [
    app({ killTimeout: 'x', ready: 'x' }),
    app({ name: 'good' }),
    app({ name: 'c', cron: 'x' }),
  ]);
  assert.equal(config.problems.length, 3);
  assert.deepEqual(
    config.apps.map(({ app: { spec } }) => spec.name),
    ['good'],
  );
});

const nonsense: readonly (readonly [unknown, ErrorCode, RegExp])[] = [
  [null, 'E_CONFIG', /exports nothing/],
  [3, 'E_CONFIG', /exports a number/],
  [{}, 'E_CONFIG', /neither apps nor a script\.$/],
  [{ aps: [] }, 'E_CONFIG', /only aps\. Did you mean apps\?/],
  [{ apps: {} }, 'E_CONFIG', /its apps are no list/],
  [{ apps: [], deploy: {} }, 'E_CONFIG_KEY', /:1: there is no setting deploy/],
];

for (const [value, code, message] of nonsense) {
  test(`not a config: ${JSON.stringify(value)}`, async (t) => {
    await refuses(read(t, value), code, message);
  });
}
