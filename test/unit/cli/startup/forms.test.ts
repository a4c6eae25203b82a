import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rootCommand } from '../../../../src/cli/commands/startup.ts';
import { openrcScript } from '../../../../src/cli/startup/openrc.ts';
import { formOf } from '../../../../src/cli/startup/places.ts';
import { shellQuoted } from '../../../../src/cli/startup/shell.ts';
import { systemdUnit } from '../../../../src/cli/startup/systemd.ts';
import { bootService, ODD_PATH } from '../../../support/boot-service.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-forms-'));
after(() => rmSync(dir, { recursive: true }));

test('the unit says what a service of Skein needs', () => {
  const unit = systemdUnit(bootService());
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'WatchdogSec=60',
    'KillMode=mixed',
    'Restart=on-failure',
    'User=daemon',
    'OOMPolicy=continue',
    'NoNewPrivileges=yes',
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    'Environment="SKEIN_HOME=/var/lib/skein"',
    'Environment="PATH=/usr/bin:/bin"',
    'ExecStart="/usr/bin/env" "/usr/lib/skein/bin/skein.js" resurrect --foreground',
    'ExecReload="/usr/bin/env" "/usr/lib/skein/bin/skein.js" reload all',
    'WantedBy=multi-user.target',
  ])
    assert.ok(unit.split('\n').includes(line), line);
});

test('root may start workers as others, and a user has no sandbox', () => {
  assert.doesNotMatch(systemdUnit(bootService({ user: 'root' })), /NoNewPrivileges|Ambient|ProtectSystem/);
  const own = systemdUnit(bootService({ user: null }));
  assert.doesNotMatch(own, /^User=|Protect/m);
  assert.match(own, /WantedBy=default\.target/);
});

test('without systemd-notify nobody waits for what nobody says', () => {
  const unit = systemdUnit(bootService({ notify: false }));
  assert.match(unit, /^Type=simple$/m);
  assert.doesNotMatch(unit, /Watchdog|NotifyAccess/);
});

test('what means something to systemd is quoted', () => {
  const unit = systemdUnit(bootService({ home: '/a b/50%', bin: '/c/$d"e\\f' }));
  assert.ok(unit.includes('Environment="SKEIN_HOME=/a b/50%%"'));
  assert.ok(unit.includes(String.raw`"/c/$$d\"e\\f" resurrect`));
});

test('the OpenRC script is one for a shell, and says the same whatever is in the paths', () => {
  const file = join(dir, 'openrc');
  const print = 'printf "%s\\n" "$SKEIN_HOME" "$command"; eval "set -- $command_args"; printf "%s\\n" "$@"';
  writeFileSync(file, `${openrcScript(bootService({ home: ODD_PATH, bin: ODD_PATH }))}\n${print}\n`);
  const { status, stdout, stderr } = spawnSync('sh', [file], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    ODD_PATH,
    '/usr/bin/env',
    ODD_PATH,
    'resurrect',
    '--foreground',
  ]);
});

test('words for a shell', () => {
  for (const word of ['plain-1.0/x=y', '', "it's", 'a b', '$HOME', '`x`', '*'])
    assert.equal(
      spawnSync('sh', ['-c', `printf %s ${shellQuoted(word)}`], { encoding: 'utf8' }).stdout,
      word,
    );
});

test('where each has its file', () => {
  mkdirSync(join(dir, 'root'), { recursive: true });
  const at = (manager: 'systemd' | 'openrc' | 'launchd', user: string | null): string =>
    formOf(manager, bootService({ user }), { root: '/', env: { HOME: '/home/a' } }).file;
  assert.equal(at('systemd', 'daemon'), '/etc/systemd/system/skein.service');
  assert.equal(at('systemd', null), '/home/a/.config/systemd/user/skein.service');
  assert.equal(at('openrc', 'daemon'), '/etc/init.d/skein');
  assert.equal(at('launchd', 'daemon'), '/Library/LaunchDaemons/skein.plist');
  assert.equal(at('launchd', null), '/home/a/Library/LaunchAgents/skein.plist');
});

test('what root is asked to run is one line for a shell, with everything that this user has set', () => {
  const line = rootCommand('startup', 'systemd', bootService({ home: ODD_PATH, name: 'my-skein' }));
  const { stdout } = spawnSync('sh', ['-c', line.replace(/^sudo env/, 'printf "%s\\n"')], {
    encoding: 'utf8',
  });
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'PATH=/usr/bin:/bin',
    `SKEIN_HOME=${ODD_PATH}`,
    '/usr/bin/env',
    '/usr/lib/skein/bin/skein.js',
    ...['startup', 'systemd', '--as', 'daemon', '--name', 'my-skein'],
  ]);
});
