import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asUser, findUserSwitch, isSelf } from '../../../src/os/switch-user.ts';

const web = { user: 'web', uid: 1001, gid: 33 };
const launch = {
  file: '/usr/bin/node',
  args: ['server.js', '--port'],
  env: { PORT: '80', NODE_OPTIONS: '--require=./evil.js', LD_PRELOAD: '/lib/jemalloc.so', LC_ALL: 'C' },
};

test('setpriv gets nothing that makes it run code of the app’s, the app gets all of it', () => {
  const how = { kind: 'setpriv', file: '/usr/bin/setpriv', env: '/usr/bin/env' } as const;
  assert.deepEqual(asUser(launch, web, how), {
    file: '/usr/bin/setpriv',
    args: [
      '--reuid=1001',
      '--regid=33',
      '--init-groups',
      '--',
      '/usr/bin/env',
      'LD_PRELOAD=/lib/jemalloc.so',
      'LC_ALL=C',
      '/usr/bin/node',
      'server.js',
      '--port',
    ],
    env: { PORT: '80', NODE_OPTIONS: '--require=./evil.js' },
  });
});

test('no variable is on a command line that need not be', () => {
  const how = { kind: 'setpriv', file: '/usr/bin/setpriv', env: '/usr/bin/env' } as const;
  const env = { RES_KEY: 'a', TZ_KEY: 'b', MY_LD_KEY: 'c', LANGUAGE_KEY: 'd' };
  assert.doesNotMatch(asUser({ ...launch, env }, web, how).args.join(' '), /env|KEY/);
});

test('without setpriv a Node of Skein’s own does it, which sees none of the app’s variables', () => {
  const { file, args, env } = asUser(launch, web, { kind: 'node', file: '/skein/as-user.js' });
  assert.equal(file, '/bin/sh');
  assert.deepEqual(args.slice(args.indexOf(process.execPath) + 2), [
    '/skein/as-user.js',
    'web',
    '1001',
    '33',
    '/usr/bin/node',
    'server.js',
    '--port',
  ]);
  assert.ok(Object.keys(env).every((name) => name.startsWith('SKEIN_ENV_')));
  assert.equal(env['SKEIN_ENV_PORT'], '80');
});

test('a setpriv that knows nothing of users is not used', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'setpriv-'));
  const program = (name: string, text: string): void => {
    writeFileSync(join(dir, name), `#!/bin/sh\necho '${text}'\n`);
    chmodSync(join(dir, name), 0o755);
  };
  assert.equal((await findUserSwitch(dir)).kind, 'node');
  program('env', '');
  program('setpriv', 'BusyBox: setpriv [OPTIONS] PROG, --nnp');
  assert.equal((await findUserSwitch(dir)).kind, 'node');
  program('setpriv', '--init-groups  initialize supplementary groups');
  assert.deepEqual(await findUserSwitch(dir), {
    kind: 'setpriv',
    file: join(dir, 'setpriv'),
    env: join(dir, 'env'),
  });
  rmSync(dir, { recursive: true });
});

test('the user that one is needs no change', () => {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  assert.equal(isSelf({ user: 'me', uid, gid }), true);
  assert.equal(isSelf({ user: 'other', uid: uid + 1, gid }), false);
});
