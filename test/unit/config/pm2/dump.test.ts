/** What PM2 says of its processes, as apps; and those as a config file. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPm2App } from '../../../../src/config/pm2/app.ts';
import type { DumpedApp } from '../../../../src/config/pm2/dump.ts';
import { readDump } from '../../../../src/config/pm2/dump.ts';
import { pm2Keys } from '../../../../src/config/pm2/keys.ts';
import { configSource } from '../../../../src/config/pm2/print.ts';
import { SkeinError } from '../../../../src/core/errors.ts';

const entry = (more: object = {}): object => ({
  name: 'api',
  namespace: 'default',
  pm_exec_path: '/srv/api/app.js',
  pm_cwd: '/srv/api',
  pm_pid_path: '/root/.pm2/pids/api-3.pid',
  pm_out_log_path: '/root/.pm2/logs/api-out.log',
  pm_err_log_path: '/root/.pm2/logs/api-error.log',
  exec_interpreter: 'node',
  exec_mode: 'fork_mode',
  node_args: [],
  status: 'online',
  watch: false,
  autorestart: true,
  treekill: true,
  instance_var: 'NODE_APP_INSTANCE',
  env: { HOME: '/root', PATH: '/bin', PM2_HOME: '/root/.pm2', api: '{}', unique_id: 'x' },
  ...more,
});

const read = (entries: unknown): readonly DumpedApp[] =>
  readDump(JSON.stringify(entries), 'dump.pm2', { EDITOR_THEME: 'dark' });

const only = (more: object): DumpedApp => {
  const [app] = read([entry(more)]);
  assert.ok(app);
  return app;
};

test('one process: the script, its directory, and nothing that PM2 fills in itself', () => {
  assert.deepEqual(read([entry()]), [
    {
      app: { name: 'api', script: '/srv/api/app.js', cwd: '/srv/api', exec_mode: 'fork' },
      secrets: [],
      processes: 1,
      port: null,
      mode: 'fork',
    },
  ]);
});

test('what jlist prints is read as well', () => {
  assert.equal(read([{ name: 'api', pm_id: 0, pm2_env: entry(), monit: {} }])[0]?.app['name'], 'api');
});

test('processes of one name are one app; the first has the start of what is counted up', () => {
  const [app, other] = read([
    entry({ NODE_APP_INSTANCE: 1, exec_mode: 'cluster_mode', env: { PORT: '3001' }, increment_var: 'PORT' }),
    entry({ name: 'web' }),
    entry({ NODE_APP_INSTANCE: 0, exec_mode: 'cluster_mode', env: { PORT: '3000' }, increment_var: 'PORT' }),
  ]);
  assert.deepEqual(
    [app?.processes, app?.mode, app?.port, app?.app['instances'], app?.app['env']],
    [2, 'cluster', '3000', 2, { PORT: '3000' }],
  );
  assert.equal(other?.app['name'], 'web');
});

test('the environment: what the app declared, secrets by name only', () => {
  const { app, secrets } = only({
    env: {
      PORT: 3000,
      NODE_ENV: 'production',
      EDITOR_THEME: 'dark',
      SSH_AUTH_SOCK: '/x',
      DB_PASSWORD: 'hunter2',
      DATABASE_URL: 'postgres://me:hunter2@db/x',
      api: '{}',
    },
  });
  assert.deepEqual(app['env'], { PORT: '3000', NODE_ENV: 'production' });
  assert.deepEqual(secrets.toSorted(), ['DATABASE_URL', 'DB_PASSWORD']);
  assert.doesNotMatch(JSON.stringify(app), /hunter2/);
});

test('a command of a shell, arguments, an interpreter', () => {
  const shell = only({ pm_exec_path: '/usr/bin/bash', args: ['-c', 'npm start'], exec_interpreter: 'none' });
  assert.deepEqual([shell.app['script'], shell.app['interpreter']], ['npm start', undefined]);
  const python = only({ pm_exec_path: '/srv/w.py', args: ['-v'], exec_interpreter: 'python3' });
  assert.deepEqual([python.app['args'], python.app['interpreter']], [['-v'], 'python3']);
});

test('log files that are not PM2’s own; the number of the process is no part of their names', () => {
  const one = only({ pm_out_log_path: '/var/log/api.log', pm_log_path: '/var/log/all.log' }).app;
  assert.deepEqual(
    [one['out_file'], one['error_file'], one['log_file']],
    ['/var/log/api.log', undefined, '/var/log/all.log'],
  );
  const [two] = read([entry({ pm_out_log_path: '/var/log/api-3.log' }), entry()]);
  assert.equal(two?.app['out_file'], '/var/log/api.log');
  const [merged] = read([entry({ pm_out_log_path: '/var/log/api.log', merge_logs: true }), entry()]);
  assert.equal(merged?.app['merge_logs'], true);
});

test('an app that is stopped stays stopped; modules are no apps', () => {
  assert.equal(only({ status: 'stopped' }).app['autostart'], false);
  assert.equal(read([entry(), entry({ name: 'pm2-logrotate', axm_options: { isModule: true } })]).length, 1);
});

describe('garbage', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /it is empty/],
    ['{', /it is not JSON/],
    ['null', /it is not a list/],
    ['{"apps":[]}', /it is not a list/],
    ['[]', /there are no apps in it/],
    ['[3]', /entry 1 is no process/],
    ['[{"name":""}]', /entry 1 has no name/],
    ['[{"name":"api"}]', /entry 1 \(api\) has no script/],
    ['[{"name":"api","pm_exec_path":7}]', /has no script/],
  ];
  for (const [text, expected] of cases) {
    test(text === '' ? '(empty)' : text, () => {
      assert.throws(
        () => readDump(text, 'dump.pm2', {}),
        (error) => error instanceof SkeinError && error.code === 'E_PM2_DUMP' && expected.test(error.message),
      );
    });
  }
});

test('the config file: only what differs, paths from where it will be, secrets as a comment', () => {
  const dumped = only({
    pm_exec_path: "/srv/api/it's.js",
    max_memory_restart: 104_857_600,
    pm_out_log_path: '/srv/api/logs/out.log',
    env: { PORT: '3000', 'odd-name': 'x', API_TOKEN: 'y' },
  });
  const { app } = readPm2App(dumped.app, [], pm2Keys, { file: 'x', profile: undefined, isFile: () => true });
  const source = configSource([{ app, secrets: dumped.secrets, notes: ['a note.'] }], '/srv/api', 'dump.pm2');
  assert.equal(
    source,
    [
      '// Made by `skein import pm2` from dump.pm2.',
      ['import', '{ defineConfig }', 'from', "'skein/config';"].join(' '),
      '',
      'export default defineConfig({',
      '  apps: [',
      '    {',
      "      name: 'api',",
      "      script: './it\\'s.js',",
      "      stopSignal: 'SIGINT',",
      "      ready: 'auto',",
      "      env: { PORT: '3000', 'odd-name': 'x' },",
      "      maxMemory: '100MiB',",
      "      logs: { out: './logs/out.log' },",
      '      // a note.',
      '      // Left out, because their values look secret: API_TOKEN.',
      "      // Put them into a file that only you can read, and name it: envFile: './.env',",
      '    },',
      '  ],',
      '});',
      '',
    ].join('\n'),
  );
});
