/** What `skein startup` writes is what the service managers take, and `unstartup` removes it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { launchdPlist } from '../../src/cli/startup/launchd.ts';
import { systemdUnit } from '../../src/cli/startup/systemd.ts';
import { bootService, ODD_PATH } from '../support/boot-service.ts';
import { withSkein } from '../support/skein.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-startup-'));
after(() => rmSync(dir, { recursive: true }));

const verify = (unit: string, scope: 'system' | 'user'): { status: number | null; stderr: string } => {
  const file = join(dir, 'skein.service');
  writeFileSync(file, unit);
  const { status, stderr } = spawnSync('systemd-analyze', [`--${scope}`, '--man=no', 'verify', file], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: dir, HOME: dir },
  });
  return { status, stderr };
};

for (const [name, scope, changes] of [
  ['a user', 'system', {}],
  ['root', 'system', { user: 'root' }],
  ["a user's own", 'user', { user: null }],
  ['one without systemd-notify', 'system', { notify: false }],
  ['odd paths', 'system', { home: ODD_PATH, path: ODD_PATH, bin: ODD_PATH }],
] as const)
  test(`systemd accepts the unit of ${name}`, () => {
    assert.deepEqual(verify(systemdUnit(bootService(changes)), scope), { status: 0, stderr: '' });
  });

test('the check itself finds a mistake', () => {
  assert.notEqual(
    verify(systemdUnit(bootService()).replace('Type=notify', 'Typ=notify'), 'system').stderr,
    '',
  );
});

test('the property list is XML, and says the same whatever is in the paths', () => {
  const script = 'import plistlib, sys, json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const { stdout, stderr } = spawnSync('python3', ['-c', script], {
    encoding: 'utf8',
    input: launchdPlist(bootService({ home: ODD_PATH, bin: ODD_PATH })),
  });
  assert.equal(stderr, '');
  const said = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(said['ProgramArguments'], ['/usr/bin/env', ODD_PATH, 'resurrect', '--foreground']);
  assert.deepEqual(said['EnvironmentVariables'], { SKEIN_HOME: ODD_PATH, PATH: '/usr/bin:/bin' });
  assert.equal(said['UserName'], 'daemon');
});

test(
  'startup writes what is verified, enables it, and does it again; unstartup takes it back',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const root = join(dir, 'image');
      mkdirSync(root);
      const file = join(root, 'etc/systemd/system/skein.service');
      const link = join(root, 'etc/systemd/system/multi-user.target.wants/skein.service');
      for (const nth of ['is written', 'was so already']) {
        const done = await skein.ok(['startup', 'systemd', '--root', root]);
        assert.ok(done.stdout.startsWith(`${file} ${nth}`), done.stdout);
        assert.ok(lstatSync(link).isSymbolicLink());
      }
      assert.deepEqual(verify(readFileSync(file, 'utf8'), 'system'), { status: 0, stderr: '' });
      assert.equal((await skein.ok(['startup', 'systemd', '--print'])).stdout, readFileSync(file, 'utf8'));
      assert.match(
        (await skein.ok(['unstartup', 'systemd', '--root', root])).stdout,
        /is removed; what runs goes on/,
      );
      assert.ok(!existsSync(file) && !existsSync(link));
      assert.match((await skein.ok(['unstartup', 'systemd', '--root', root])).stdout, /^There is no /);
    }),
);

test('mistakes', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    for (const [line, code, says] of [
      ['startup sytemd', 2, /sytemd is not one of systemd, openrc, launchd/],
      ['startup systemd --root /no/such/image', 2, /there is no directory \/no\/such\/image/],
      ['startup systemd --name ../x', 2, /--name: \.\.\/x is not the name of a service/],
      ['startup systemd --as no-such-user', 6, /there is no such user/],
      ['startup systemd --user --as daemon', 2, /--as is for one of the machine/],
      ['unstartup upstart', 2, /upstart is not one of/],
    ] as const) {
      const done = await skein.run(line.split(' '));
      assert.deepEqual([done.code, done.stdout], [code, ''], done.stderr);
      assert.match(done.stderr, says);
    }
  }),
);
