/**
 * skein-pm2 as a script knows pm2. Exit codes and shapes were recorded from PM2 7.0.4 by
 * bench/pm2-session.ts, which compares the two where PM2 is installed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Finished } from '../support/command.ts';
import type { Skein } from '../support/skein.ts';
import { plainEnv, withSkein } from '../support/skein.ts';

const bin = fileURLToPath(new URL('../../bin/skein-pm2.js', import.meta.url));

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sk-')));
after(() => rmSync(folder, { recursive: true, force: true }));
const server = `
require('node:http').createServer((_, answer) => answer.end('hello')).listen(process.env.PORT);
process.on('SIGINT', () => { console.log('SIGINT came'); process.exit(0); });
process.on('SIGUSR2', () => {});
console.log('up with ' + process.env.A);`;
writeFileSync(join(folder, 'web.cjs'), server);
writeFileSync(join(folder, 'crash.cjs'), 'process.exit(3);');
writeFileSync(join(folder, 'queue.cjs'), 'setInterval(() => {}, 1000);');
writeFileSync(
  join(folder, 'ecosystem.config.cjs'),
  `module.exports = { deploy: {}, apps: [
    { name: 'e1', script: 'web.cjs', instances: 2, exec_mode: 'cluster', min_uptime: 5, env: { A: 'one' }, env_production: { A: 'two' } },
    { name: 'e2', script: 'web.cjs', namespace: 'back', merge_logs: true },
  ] };`,
);

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly pm_id: number;
  readonly pm2_env: Readonly<Record<string, unknown>>;
  readonly monit: { readonly memory: number; readonly cpu: number };
}

const shell = (skein: Skein) => {
  const pm2 = async (...args: string[]): Promise<Finished> =>
    await skein.run(args, { bin, cwd: folder, env: { PORT: '0', A: 'shell' } });
  const expect = async (line: string, code: number): Promise<Finished> => {
    const done = await pm2(...line.split(' '));
    assert.equal(done.code, code, `${line}\n${done.stdout}${done.stderr}`);
    return done;
  };
  const jlist = async (): Promise<readonly Process[]> =>
    JSON.parse((await expect('jlist', 0)).stdout) as Process[];
  return { pm2, expect, jlist };
};

test('a session that was recorded from PM2: exit codes, ids, pids, statuses', { timeout: 90_000 }, () =>
  withSkein(async (skein) => {
    const { pm2, expect, jlist } = shell(skein);
    const statuses = async (): Promise<string[]> =>
      (await jlist()).map(({ pm_id, name, pm2_env }) => `${pm_id} ${name} ${String(pm2_env['status'])}`);

    assert.deepEqual(await jlist(), []);
    assert.equal((await pm2()).code, 1);
    for (const line of [
      'nonsense',
      'stop all',
      'stop nobody',
      'describe nobody',
      'scale nobody 2',
      'env 0',
      'start nofile.js',
      'start nofile.json',
      'stop --foo',
      'reset nobody',
    ])
      await expect(line, 1);
    for (const line of ['list', 'pid nobody', 'flush', 'save']) await expect(line, 0);
    assert.equal((await expect('id nobody', 0)).stdout, '[]\n');

    await expect('start web.cjs', 0);
    await expect('start web.cjs', 1);
    await expect('start web.cjs --name two -i 2', 0);
    assert.deepEqual(await statuses(), ['0 web online', '1 two online', '2 two online']);
    assert.equal((await expect('id two', 0)).stdout, '[ 1, 2 ]\n');
    const pids = (await expect('pid two', 0)).stdout.trim().split('\n');
    assert.deepEqual(
      pids.map(Number),
      (await jlist()).slice(1).map(({ pid }) => pid),
    );

    await expect('stop two', 0);
    assert.equal((await expect('pid two', 0)).stdout, '0\n0\n');
    assert.deepEqual(await statuses(), ['0 web online', '1 two stopped', '2 two stopped']);
    await expect('reload two', 0);
    await expect('restart 0 --update-env', 0);
    await expect('scale two +1', 0);
    await expect('scale two 3', 1);
    await expect('stop /tw/', 0);
    await expect('stop /zz/', 1);
    await expect('start two', 0);
    for (const line of ['sendSignal SIGUSR2 two', 'reset two', 'describe two', 'reloadLogs', 'ping'])
      await expect(line, 0);
    assert.deepEqual(await statuses(), ['0 web online', '1 two online', '2 two online', '3 two online']);

    // The first is stopped, the second unknown.
    await expect('stop web nobody', 1);
    assert.equal((await statuses())[0], '0 web stopped');
    // On purpose: PM2 exits 0.
    await expect('start crash.cjs --no-autorestart', 1);
    await expect('delete all', 0);
    assert.deepEqual(await jlist(), []);
    await expect('kill', 0);
    await expect('kill', 0);
  }),
);

test('an ecosystem file: what PM2 would do, and a line for what Skein cannot', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const { expect, jlist } = shell(skein);
    const { stderr } = await expect('start ecosystem.config.cjs --env production', 0);
    assert.match(stderr, /ecosystem\.config\.cjs: deploy has no equivalent/);
    assert.match(stderr, /ecosystem\.config\.cjs, e1: min_uptime has no equivalent/);
    const [first, second, third] = await jlist();
    assert.ok(first && second && third);
    const { pm2_env: env, monit } = first;
    assert.deepEqual(
      [env['exec_mode'], env['instances'], env['NODE_APP_INSTANCE'], env['namespace'], env['kill_timeout']],
      ['cluster_mode', 2, 0, 'default', 1600],
    );
    assert.deepEqual(
      [env['pm_exec_path'], env['pm_cwd'], env['restart_time'], env['env']],
      [join(folder, 'web.cjs'), folder, 0, {}],
    );
    assert.ok(Math.abs(Date.now() - Number(env['pm_uptime'])) < 30_000);
    assert.ok(monit.memory > 1024 ** 2);
    const { logDir } = skein.home;
    assert.equal(second.pm2_env['pm_out_log_path'], join(logDir, 'e1-out-1.log'));
    assert.equal(third.pm2_env['pm_err_log_path'], join(logDir, 'e2-error.log'));
    assert.ok(existsSync(join(logDir, 'e1-out-0.log')));

    assert.match((await expect('env 0', 0)).stdout, /^A: two$/m);
    await expect('startOrReload ecosystem.config.cjs --only e1', 0);
    assert.match((await expect('env e1', 0)).stdout, /^A: one$/m);
    await expect('stop back', 0);
    assert.match(readFileSync(join(logDir, 'e2-out.log'), 'utf8'), /SIGINT came/);
    await expect('restart ecosystem.config.cjs', 0);
    await expect('delete ecosystem.config.cjs', 0);
    assert.deepEqual(await jlist(), []);

    const json = JSON.stringify({ apps: [{ name: 's1', script: join(folder, 'queue.cjs') }] });
    const started = spawnSync(process.execPath, [bin, 'start', '-'], {
      cwd: folder,
      env: { ...plainEnv(), SKEIN_HOME: skein.home.dir },
      input: json,
      encoding: 'utf8',
    });
    assert.equal(started.status, 0, started.stderr);
    assert.deepEqual(
      (await jlist()).map(({ name, pm2_env }) => [name, pm2_env['status']]),
      [['s1', 'online']],
    );
  }),
);

test('skein takes the file, PM2’s verbs and its flags; secrets are masked', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const env = { PORT: '0', MY_TOKEN: 'hunter2' };
    const at = { cwd: folder, env };
    const checked = await skein.ok(['config', 'check', 'ecosystem.config.cjs'], at);
    assert.match(checked.stdout, /is good: e1, e2/);
    assert.match(checked.stderr, /e1: min_uptime has no equivalent/);
    await skein.ok(['start', 'ecosystem.config.cjs', '--only', 'e1', '--env', 'production'], at);
    await skein.ok(
      ['start', 'web.cjs', '-i', 'max', '--max-memory-restart', '300M', '--merge-logs', '-a'],
      at,
    );
    const { stdout } = await skein.ok(['env', 'web'], at);
    assert.match(stdout, /^MY_TOKEN=\*{8}$/m);
    assert.match((await skein.ok(['env', 'web', '--show'], at)).stdout, /^MY_TOKEN=hunter2$/m);
    assert.doesNotMatch((await skein.ok(['jlist'], at)).stdout, /hunter2/);
    const ids = (await skein.ok(['id', 'e1'], at)).stdout;
    assert.equal(ids, '0\n1\n');
    assert.equal((await skein.ok(['pid', 'e1'], at)).stdout.trim().split('\n').length, 2);
    await skein.ok(['sendSignal', 'SIGUSR2', 'e1'], at);
    await skein.ok(['reset', 'e1'], at);
    assert.match((await skein.ok(['ps'], at)).stdout, /^web /m);
    assert.match((await skein.ok(['monit'], at)).stdout, /^e1 /m);
    await skein.ok(['startOrReload', 'ecosystem.config.cjs', '--only', 'e1'], at);
    assert.equal((await skein.run(['init', 'pm2'], at)).code, 0);
    assert.equal((await skein.run(['init', 'pm2'], at)).code, 2, 'nothing is overwritten');
    rmSync(join(folder, 'ecosystem.config.js'));
  }),
);

test('import pm2: a dump becomes a config that runs; garbage and nothing are told', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const at = { cwd: folder, env: { PM2_HOME: join(folder, 'no-pm2'), HOME: folder } };
    const nothing = await skein.run(['import', 'pm2'], at);
    assert.equal(nothing.code, 3);
    assert.match(nothing.stderr, /No PM2 runs in .*no-pm2/);
    writeFileSync(join(folder, 'garbage.pm2'), '[{"name":');
    const garbage = await skein.run(['import', 'pm2', 'garbage.pm2'], at);
    assert.equal(garbage.code, 2);
    assert.match(garbage.stderr, /garbage\.pm2 is no list of PM2 apps: it is not JSON/);
    assert.ok(!existsSync(join(folder, 'skein.config.ts')));

    const entry = {
      name: 'web',
      pm_exec_path: join(folder, 'web.cjs'),
      pm_cwd: folder,
      exec_mode: 'cluster_mode',
      env: { A: 'dump', API_KEY: 'hunter2' },
    };
    const sleeper = { name: 'a shell', pm_exec_path: '/bin/bash', pm_cwd: folder, args: ['-c', 'sleep 99'] };
    writeFileSync(join(folder, 'dump.pm2'), JSON.stringify([entry, entry, sleeper]));
    const imported = await skein.ok(['import', 'pm2', 'dump.pm2'], at);
    assert.match(imported.stdout, /skein\.config\.ts is written: web, a-shell\./);
    assert.match(imported.stderr, /API_KEY/);
    const source = readFileSync(join(folder, 'skein.config.ts'), 'utf8');
    assert.doesNotMatch(source, /hunter2/);
    const again = await skein.run(['import', 'pm2', 'dump.pm2'], at);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--force overwrites it/);
    const json = JSON.parse(
      (await skein.ok(['import', 'pm2', 'dump.pm2', '--force', '--json'], at)).stdout,
    ) as {
      apps: { name: string; secrets: string[] }[];
    };
    assert.deepEqual(json.apps[0], { name: 'web', port: null, secrets: ['API_KEY'], notes: [] });
    await skein.ok(['apply', '--env', 'PORT=0'], at);
    await skein.settled('a-shell');
    const { instances } = await skein.settled('web');
    assert.equal(instances, 2);
  }),
);
