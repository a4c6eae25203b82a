/** PM2's keys in Skein's words. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReadPm2App } from '../../../../src/config/pm2/app.ts';
import { readPm2App } from '../../../../src/config/pm2/app.ts';
import { pm2Keys } from '../../../../src/config/pm2/keys.ts';
import { SkeinError } from '../../../../src/core/errors.ts';

const read = (app: unknown, profile?: string): ReadPm2App =>
  readPm2App(app, ['apps', 0], pm2Keys, { file: 'ecosystem.config.js', profile, isFile: () => false });

const settings = (app: object, profile?: string): Record<string, unknown> => {
  const {
    name: _,
    script: __,
    stopSignal: ___,
    ready: ____,
    ...rest
  } = read({ script: 'app.js', ...app }, profile).app;
  return rest;
};

const notes = (app: object): string[] =>
  read({ script: 'app.js', ...app }).notes.map(({ key, text }) => `${key} ${text}`);

test('an app of one line: the script names it, its signal is SIGINT, it may be no server', () => {
  const { app, notes: lines } = read({ script: 'api/server.js' });
  assert.deepEqual(
    { app, lines },
    { app: { name: 'server', script: 'api/server.js', stopSignal: 'SIGINT', ready: 'auto' }, lines: [] },
  );
});

describe('what each key becomes', () => {
  const cases: readonly (readonly [object, Record<string, unknown>])[] = [
    [{ args: '--port 3000 "two words"' }, { args: ['--port', '3000', 'two words'] }],
    [{ args: ['--port', 3000] }, { args: ['--port', '3000'] }],
    [{ cwd: '/srv' }, { cwd: '/srv' }],
    // Not a profile called `file`.
    [{ env_file: '.env' }, { envFile: ['.env'] }],
    [{ interpreter: 'python3' }, { interpreter: 'python3' }],
    [{ exec_interpreter: 'node' }, {}],
    [{ node_args: '--a --b' }, { nodeArgs: ['--a', '--b'] }],
    [{ interpreter_args: ['--a'], source_map_support: true }, { nodeArgs: ['--enable-source-maps', '--a'] }],
    [{ instances: 'max' }, { instances: 'max' }],
    [{ instances: 0 }, { instances: 'max' }],
    [{ instances: -1 }, { instances: '-1' }],
    [{ instances: '4' }, { instances: 4 }],
    [
      { env: { PORT: 3000, DEBUG: true, NONE: null, LIST: [1] } },
      { env: { PORT: '3000', DEBUG: 'true', LIST: '[1]' } },
    ],
    [{ port: 3000, env: { A: 'b' } }, { env: { A: 'b', PORT: '3000' } }],
    [{ watch: true }, { watch: { paths: ['.'] } }],
    [{ watch: false, ignore_watch: ['x'] }, {}],
    [
      { watch: ['src', 'lib'], ignore_watch: 'tmp', watch_delay: 500 },
      { watch: { paths: ['src', 'lib'], ignore: ['tmp'], delay: 500 } },
    ],
    [{ max_memory_restart: '300M' }, { maxMemory: '300M' }],
    [{ maxMemoryRestart: 1000 }, { maxMemory: 1000 }],
    [
      { out_file: 'a.log', error: 'b.log', log: 'c.log' },
      { logs: { out: 'a.log', err: 'b.log', combined: 'c.log' } },
    ],
    [{ out_file: '/dev/null', error_file: 'NULL' }, { logs: { enabled: false } }],
    [{ out_file: '/dev/null' }, { logs: { out: '/dev/null' } }],
    [{ disable_logs: true }, { logs: { enabled: false } }],
    [
      { instances: 2, merge_logs: false },
      { instances: 2, logs: { perWorker: true } },
    ],
    [
      { instances: 2, out: 'a.log' },
      { instances: 2, logs: { out: 'a.log', perWorker: true } },
    ],
    [
      { instances: 2, out: 'a.log', combine_logs: true },
      { instances: 2, logs: { out: 'a.log', perWorker: false } },
    ],
    [{ merge_logs: false }, {}],
    [{ time: true }, { logs: { timestamp: 'YYYY-MM-DDTHH:mm:ss' } }],
    [{ time: true, log_date_format: 'HH:mm' }, { logs: { timestamp: 'HH:mm' } }],
    [{ log_type: 'json' }, { logs: { format: 'json' } }],
    [
      { autorestart: false, max_restarts: 16 },
      { autorestart: false, maxRestarts: 16 },
    ],
    [{ restart_delay: 4000, exp_backoff_restart_delay: 100 }, { restartDelay: 4000 }],
    [{ stop_exit_codes: [0, 3] }, { stopExitCodes: [0, 3] }],
    [{ stop_exit_codes: 0 }, { stopExitCodes: [0] }],
    [{ autostart: false }, { autostart: false }],
    [{ kill_timeout: 3000 }, { killTimeout: 3000 }],
    [{ listen_timeout: 5000, wait_ready: true }, { readyTimeout: 5000 }],
    [{ cron: '0 4 * * *' }, { cron: '0 4 * * *' }],
    [{ cron_restart: '0' }, {}],
    [{ namespace: 'shop' }, { namespace: 'shop' }],
    [{ namespace: 'default' }, {}],
    [
      { instance_var: 'N', increment_var: 'PORT' },
      { instanceVar: 'N', incrementVar: 'PORT' },
    ],
    [
      { user: 'www', gid: 33 },
      { user: 'www', group: '33' },
    ],
    [{ uid: 1000 }, { user: '1000' }],
    [{ vizion: false, pmx: false, treekill: true, windowsHide: true, disable_trace: true, force: false }, {}],
  ];
  for (const [written, expected] of cases) {
    test(JSON.stringify(written), () => {
      assert.deepEqual(settings(written), expected);
      assert.deepEqual(notes(written), []);
    });
  }
});

test("regression: Skein's own settings are not said to be unknown to it", () => {
  assert.match(
    notes({ hooks: {} })[0] ?? '',
    /^hooks is Skein's, not PM2's: write it in a skein\.config file/,
  );
  assert.match(notes({ depends_on: ['db'] })[0] ?? '', /^depends_on is Skein's/);
});

test('readiness: by message, or by listening where it is a server', () => {
  assert.equal(read({ script: 'a.js', wait_ready: true }).app.ready, 'message');
  for (const exec_mode of ['fork', 'cluster'])
    assert.equal(read({ script: 'a.js', instances: 2, exec_mode }).app.ready, 'auto');
});

test('the stop signal: SIGINT, or the message', () => {
  assert.equal(read({ script: 'a.js', shutdown_with_message: true }).app.stopSignal, 'message');
});

test('a command with spaces is run by bash, a file with spaces is not', () => {
  const { app } = read({ script: 'npm start', name: 'my web' });
  assert.deepEqual([app.script, app.args, app.name], ['bash', ['-c', 'npm start'], 'my-web']);
  const file = readPm2App({ script: 'my app.js' }, ['apps', 0], pm2Keys, {
    file: 'x',
    profile: undefined,
    isFile: () => true,
  });
  assert.deepEqual([file.app.script, file.app.name], ['my app.js', 'my-app']);
});

test("what is relative starts in the app's directory", () => {
  const { app } = readPm2App(
    { script: 'a.js', cwd: 'web', out_file: 'a.log', error_file: '/var/b.log', watch: ['src'] },
    ['apps', 0],
    pm2Keys,
    { file: 'x', profile: undefined, isFile: () => true },
  );
  assert.equal(app.script, 'web/a.js');
  assert.deepEqual(app.logs, { out: 'web/a.log', err: '/var/b.log' });
  assert.deepEqual(app.watch, { paths: ['web/src'] });
  // A program in PATH is no file there.
  assert.equal(read({ script: 'ls', cwd: 'web' }).app.script, 'ls');
});

test('profiles: env_production stays a profile, and can become a part of the name', () => {
  const app = {
    name: 'api',
    name_prefix: 'shop-',
    append_env_to_name: true,
    env: { A: 1, B: 1 },
    env_production: { B: 2 },
  };
  assert.deepEqual(settings(app), { env: { A: '1', B: '1' }, env_production: { B: '2' } });
  assert.equal(read({ script: 'a.js', ...app }, 'production').app.name, 'shop-api-production');
  assert.equal(read({ script: 'a.js', ...app }).app.name, 'shop-api');
});

describe('a line for what is lost', () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ min_uptime: '60s' }, /^min_uptime has no equivalent, .*max_restarts/],
    [{ treekill: false }, /^treekill cannot be turned off/],
    [{ vizion: true }, /^vizion has no equivalent/],
    [{ deep_monitoring: true }, /PM2's monitoring service/],
    [{ force: true }, /^force has no equivalent.*name of its own/],
    [{ pid_file: 'a.pid' }, /^pid_file .*skein pid/],
    [{ max_memory_restrat: '1G' }, /^max_memory_restrat is no key.*did you mean max_memory_restart\?/],
    [{ whatever_it_is: 1 }, /take it out/],
    [
      { watch: true, ignore_watch: ['[\\/\\\\]\\./', 'tmp'] },
      /^ignore_watch has the regular expression .*glob/,
    ],
    [{ watch: true, watch_options: { usePolling: true } }, /^watch_options has no equivalent/],
    [{ listen_timeout: 8000 }, /^listen_timeout counts only with wait_ready/],
    [{ name: 'my api' }, /^name has what a name cannot have: the app is my-api/],
  ];
  for (const [written, expected] of cases) {
    test(JSON.stringify(written), () => {
      const lines = notes(written);
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0] ?? '', expected);
    });
  }
});

describe('what cannot be read names file, app and key', () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /ecosystem\.config\.js: apps\[0\] is null/],
    ['app.js', /apps\[0\] is "app\.js"/],
    [{}, /ecosystem\.config\.js, apps\[0\]: script is "missing"/],
    [{ script: 3 }, /apps\[0\]: script is 3/],
    [{ script: 'a.js', name: 'api', instances: 'many' }, /app api: instances is "many".*-1/],
    [{ script: 'a.js', name: 'api', instances: 1.5 }, /instances is 1\.5/],
    [{ script: 'a.js', name: 'api', exec_mode: 'thread' }, /app api: exec_mode is "thread"/],
    [{ script: 'a.js', name: 'api', kill_timeout: 'soon' }, /kill_timeout is "soon"/],
    [{ script: 'a.js', name: 'api', killTimeout: -1 }, /killTimeout is -1/],
    [{ script: 'a.js', name: 'api', env: 'A=1' }, /env is "A=1"/],
    [{ script: 'a.js', name: 'api', env_production: [] }, /env_production is \[\]/],
    [{ script: 'a.js', name: 'api', max_memory_restart: 'lots' }, /max_memory_restart is "lots"/],
    [{ script: 'a.js', name: 'api', watch: 3 }, /watch is 3/],
    [{ script: 'a.js', name: 'api', log_type: 'xml' }, /log_type is "xml"/],
    [{ script: 'a.js', name: 'api', wait_ready: 'perhaps' }, /wait_ready is "perhaps"/],
  ];
  for (const [written, expected] of cases) {
    test(JSON.stringify(written), () => {
      assert.throws(
        () => read(written),
        (error) =>
          error instanceof SkeinError && error.code === 'E_CONFIG_VALUE' && expected.test(error.message),
      );
    });
  }
});
