import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rootCommand } from '../../../../src/cli/commands/startup.ts';
import type { BootService } from '../../../../src/cli/startup/boot-service.ts';
import { openrcScript } from '../../../../src/cli/startup/openrc.ts';
import { formOf } from '../../../../src/cli/startup/places.ts';
import { shellQuoted } from '../../../../src/cli/startup/shell.ts';
import { systemdUnit } from '../../../../src/cli/startup/systemd.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-forms-'));
after(() => rmSync(dir, { recursive: true }));

const service = (changes: Partial<BootService> = {}): BootService => ({
  name: 'skein',
  user: 'daemon',
  home: '/var/lib/skein',
  path: '/usr/bin:/bin',
  node: '/usr/bin/env',
  bin: '/usr/lib/skein/bin/skein.js',
  notify: true,
  ...changes,
});

/** Of a path that has everything which means something to somebody. */
const ODD = `/srv/a b/100%/it's $HOME "quoted" \\ & <x>`;

test('the unit says what a service of Skein needs', () => {
  const unit = systemdUnit(service());
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
  assert.doesNotMatch(systemdUnit(service({ user: 'root' })), /NoNewPrivileges|Ambient|ProtectSystem/);
  const own = systemdUnit(service({ user: null }));
  assert.doesNotMatch(own, /^User=|Protect/m);
  assert.match(own, /WantedBy=default\.target/);
});

test('without systemd-notify nobody waits for what nobody says', () => {
  const unit = systemdUnit(service({ notify: false }));
  assert.match(unit, /^Type=simple$/m);
  assert.doesNotMatch(unit, /Watchdog|NotifyAccess/);
});

test('what means something to systemd is quoted', () => {
  const unit = systemdUnit(service({ home: '/a b/50%', bin: '/c/$d"e\\f' }));
  assert.ok(unit.includes('Environment="SKEIN_HOME=/a b/50%%"'));
  assert.ok(unit.includes(String.raw`"/c/$$d\"e\\f" resurrect`));
});

test('the OpenRC script is one for a shell, and says the same whatever is in the paths', () => {
  const file = join(dir, 'openrc');
  const print = 'printf "%s\\n" "$SKEIN_HOME" "$command"; eval "set -- $command_args"; printf "%s\\n" "$@"';
  writeFileSync(file, `${openrcScript(service({ home: ODD, bin: ODD }))}\n${print}\n`);
  const { status, stdout, stderr } = spawnSync('sh', [file], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(stdout.trimEnd().split('\n'), [ODD, '/usr/bin/env', ODD, 'resurrect', '--foreground']);
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
    formOf(manager, service({ user }), { root: '/', env: { HOME: '/home/a' } }).file;
  assert.equal(at('systemd', 'daemon'), '/etc/systemd/system/skein.service');
  assert.equal(at('systemd', null), '/home/a/.config/systemd/user/skein.service');
  assert.equal(at('openrc', 'daemon'), '/etc/init.d/skein');
  assert.equal(at('launchd', 'daemon'), '/Library/LaunchDaemons/skein.plist');
  assert.equal(at('launchd', null), '/home/a/Library/LaunchAgents/skein.plist');
});

test('what root is asked to run is one line for a shell, with everything that this user has set', () => {
  const line = rootCommand('startup', 'systemd', service({ home: ODD, name: 'my-skein' }));
  const { stdout } = spawnSync('sh', ['-c', line.replace(/^sudo env/, 'printf "%s\\n"')], {
    encoding: 'utf8',
  });
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'PATH=/usr/bin:/bin',
    `SKEIN_HOME=${ODD}`,
    '/usr/bin/env',
    '/usr/lib/skein/bin/skein.js',
    ...['startup', 'systemd', '--as', 'daemon', '--name', 'my-skein'],
  ]);
});
