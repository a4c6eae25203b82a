/** Both ways to another user, with a Node process and its IPC channel at the end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { text } from 'node:stream/consumers';
import { entryFile } from '../../src/core/entry-url.ts';
import type { UserSwitch } from '../../src/os/switch-user.ts';
import { asUser } from '../../src/os/switch-user.ts';
import type { OtherUser } from '../support/other-user.ts';
import { idsOfProcess, withOtherUser } from '../support/other-user.ts';

const ways: readonly UserSwitch[] = [
  { kind: 'setpriv', file: '/usr/bin/setpriv', env: '/usr/bin/env' },
  { kind: 'node', file: entryFile('as-user') },
];

const env = {
  PATH: '/usr/bin:/bin',
  // Would be obeyed by a Node, or a loader, that is still root.
  NODE_OPTIONS: '--no-deprecation',
  LD_BIND_NOW: '1',
  TZ: 'Asia/Tokyo',
  EMPTY: '',
  LINES: 'one\ntwo=2',
};

const APP = `process.send({ env: process.env, argv: process.argv.slice(1), execArgv: process.execArgv.slice(0, 1) });
process.on('message', (message) => { process.send({ back: message }); process.disconnect(); });`;

const start = (user: OtherUser, how: UserSwitch, file: string, args: readonly string[], ipc: boolean) => {
  const launch = asUser({ file, args, env }, { user: user.name, uid: user.uid, gid: user.gid }, how);
  return spawn(launch.file, launch.args, {
    env: launch.env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });
};

for (const how of ways)
  describe(`by ${how.kind}`, () => {
    it('is that user from its first line on, with the same pid, channel and environment', () =>
      withOtherUser(async (user) => {
        // A checkout in a private directory cannot be read by it.
        if (!user.mayRead(process.execPath)) return;
        const child = start(user, how, process.execPath, ['-e', APP, 'a b', ''], true);
        const errors = text(child.stderr!);
        const [said] = (await Promise.race([
          once(child, 'message'),
          errors.then((all) => assert.fail(all)),
        ])) as [{ env: Record<string, string>; argv: string[] }];
        const ids = { uids: Array(4).fill(user.uid), gids: Array(4).fill(user.gid), groups: user.groups };
        assert.deepEqual(idsOfProcess(child.pid!), ids);
        const { PWD: _, ...seen } = said.env;
        assert.deepEqual(seen, env);
        assert.deepEqual(said.argv, ['a b', '']);
        child.send('hello');
        assert.deepEqual((await once(child, 'message'))[0], { back: 'hello' });
        assert.deepEqual(await once(child, 'exit'), [0, null]);
        assert.equal(await errors, '');
      }));

    it('works for a program without a channel', () =>
      withOtherUser(async (user) => {
        const child = start(user, how, '/bin/sh', ['-c', 'id -u; id -G; printf "%s" "$LINES"'], false);
        const [uid, groups, ...lines] = (await text(child.stdout!)).split('\n');
        assert.equal(Number(uid), user.uid);
        assert.deepEqual(
          groups!
            .split(' ')
            .map(Number)
            .toSorted((a, b) => a - b),
          user.groups,
        );
        assert.deepEqual(lines, ['one', 'two=2']);
      }));

    it('says why it cannot', () =>
      withOtherUser(async (user) => {
        const child = start(user, how, '/no/such/program', [], false);
        const errors = text(child.stderr!);
        const [code] = (await once(child, 'exit')) as [number];
        assert.equal(code, 127);
        assert.match(await errors, /no such file|not found/i);
      }));
  });
