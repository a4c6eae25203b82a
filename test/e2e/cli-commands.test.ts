/** The commands as a person uses them, with programs that are no servers: what they print and exit with. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters, styleText } from 'node:util';
import type { AppDetails, Ping } from '../../src/protocol/control.ts';
import { fixture, plainEnv, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const directory = (t: TestContext, files: Readonly<Record<string, string>>): string => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-files-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
};

const says = 'echo "out $1 $COLOR"; echo "err $2" >&2; while :; do sleep 0.1; done\n';

test('the life of an app', { timeout: 60_000 }, (t) =>
  withSkein(async (skein) => {
    const cwd = directory(t, { 'says.sh': says });
    const started = await skein.ok(
      ['start', 'says.sh', '-i', '2', '--env', 'COLOR=red', '--', 'a b', '--json'],
      { cwd },
    );
    assert.match(
      started.stdout,
      /^app +state +pid .*\nsays +running .*\n +\.0 +ready +\d+ .*\n +\.1 +ready +\d+ /,
    );
    assert.match(started.stderr, /^says started in /);

    const logs = await until('both have spoken', async () => {
      const { stdout } = await skein.ok(['logs', 'says']);
      return stdout.match(/err --json/g)?.length === 2 && stdout;
    });
    assert.match(logs, /out a b red/);
    assert.doesNotMatch((await skein.ok(['logs', '--err'])).stdout, /out a b/);

    assert.match((await skein.ok(['scale', 'says', '+1'])).stdout, /^says scaled in /);
    assert.equal((await skein.pids('says')).length, 3);
    assert.match((await skein.ok(['signal', 'CONT', 'all'])).stdout, /^SIGCONT sent to \d+, \d+, \d+\n$/);

    assert.match(
      (await skein.ok(['reload', '/^say/', '--env', 'COLOR=blue'])).stdout,
      /^says reloaded in .*\n {2}answered 0 · refused 0 · reset 0 · truncated 0/,
    );
    await until('the new ones have spoken', async () =>
      /out a b blue/.test((await skein.ok(['logs'])).stdout),
    );
    const { stdout } = await skein.ok(['describe', 'says', '--json']);
    const [details] = (JSON.parse(stdout) as { apps: AppDetails[] }).apps;
    assert.deepEqual(
      [details?.generation, details?.instances, details?.spec.args],
      [2, 3, ['a b', '--json']],
    );
    assert.doesNotMatch(stdout, /blue/);

    assert.match((await skein.ok(['rollback', 'says'])).stdout, /^says rolled back in /);
    assert.match((await skein.ok(['stop', 'says'])).stdout, /^says stopped in /);
    assert.equal((await skein.app('says')).state, 'stopped');
    assert.match((await skein.ok(['start', 'says'])).stderr, /^says started in /);
    assert.match((await skein.ok(['events', '--since', '1m'])).stdout, /says {2}rollback succeeded/);
    assert.match((await skein.ok(['delete', 'says'])).stdout, /^says deleted in /);
    assert.deepEqual(await skein.list(), []);
  }),
);

test('start that fails shows the last words of the worker and exits with 4', { timeout: 30_000 }, (t) =>
  withSkein(async (skein) => {
    const cwd = directory(t, { 'dies.sh': 'echo almost; echo "no database" >&2; exit 3\n' });
    const { code, stdout, stderr } = await skein.run(['start', 'dies.sh'], { cwd });
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, / {2}\| no database\n/);
    assert.match(
      stderr,
      /\nskein: dies: worker 0 \(pid \d+\) ended before it was ready, with exit code 3\.\n {2}.*\n$/,
    );
    assert.equal((await skein.app('dies')).state, 'failed');
  }),
);

test('an app in a linked directory follows the link at a reload', { timeout: 30_000 }, (t) =>
  withSkein(async (skein) => {
    const dir = directory(t, {});
    for (const release of ['r1', 'r2']) {
      mkdirSync(join(dir, release));
      writeFileSync(
        join(dir, release, 'app.sh'),
        `echo "this is ${release} in $(pwd -P)"; while :; do sleep 0.1; done\n`,
      );
    }
    const current = join(dir, 'current');
    symlinkSync('r1', current);
    await skein.ok(['start', 'app.sh'], { cwd: current, env: { PWD: current } });
    symlinkSync('r2', `${current}.new`);
    renameSync(`${current}.new`, current);
    await skein.ok(['reload', 'app']);
    const expected = new RegExp(`this is r2 in ${join(dir, 'r2')}$`, 'm');
    await until('the new release speaks', async () =>
      expected.test((await skein.ok(['logs', 'app'])).stdout),
    );
  }),
);

test('ping, kill, and kill again', { timeout: 30_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh')]);
    const { holder, supervisor } = JSON.parse((await skein.ok(['ping', '--json'])).stdout) as Ping;
    for (const info of [holder, supervisor]) {
      assert.ok(info !== null && info.pid > 1 && info.uptimeMs >= 0);
      assert.match(info.version, /^\d+\.\d+\.\d+/);
    }
    assert.match((await skein.ok(['kill'])).stderr, /have ended/);
    assert.match((await skein.ok(['kill'])).stderr, /Nothing of Skein runs/);
    assert.equal((await skein.run(['ping'])).code, 5);
  }),
);

test('a reader that has seen enough is no failure', { timeout: 30_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh')]);
    const bin = fileURLToPath(new URL('../../bin/skein.js', import.meta.url));
    const script = `"${process.execPath}" "${bin}" events --follow | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const follow = spawnSync(
      'bash',
      [
        '-c',
        `(sleep 0.5; "${process.execPath}" "${bin}" signal CONT all; "${process.execPath}" "${bin}" scale all 2) >/dev/null 2>&1 & ${script}`,
      ],
      {
        env: { ...plainEnv(), SKEIN_HOME: skein.home.dir },
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    assert.match(follow.stdout, /\n0\n$/);
    assert.equal(follow.stderr, '');
  }),
);

test(
  'on a terminal of 80 columns there is progress, colour and nothing wider than the screen',
  { timeout: 30_000 },
  () =>
    withSkein(async (skein) => {
      const bin = fileURLToPath(new URL('../../bin/skein.js', import.meta.url));
      const onTerminal = (line: string, env: Record<string, string> = {}): string =>
        spawnSync('script', ['-qec', `stty cols 80; "${process.execPath}" "${bin}" ${line}`, '/dev/null'], {
          // Where CI is set there is no progress, terminal or not.
          env: { ...plainEnv(), CI: undefined, TERM: 'xterm-256color', SKEIN_HOME: skein.home.dir, ...env },
          encoding: 'utf8',
          timeout: 20_000,
        }).stdout;
      const start = onTerminal(`start ${fixture('loop.sh')} -i 2`);
      assert.match(start, /loop: /);
      const list = onTerminal('list');
      assert.ok(list.includes(styleText('green', 'running', { validateStream: false })), list);
      const plain = onTerminal('list', { NO_COLOR: '1' });
      assert.equal(stripVTControlCharacters(plain), plain);
      for (const line of plain.split('\r\n')) assert.ok(line.length <= 80, line);
    }),
);
