/** Workers that run as another user than Skein: whose they are, and that nothing else is different. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { get, getJson } from '../support/http.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import type { OtherUser } from '../support/other-user.ts';
import { idsOfProcess, withOtherUser } from '../support/other-user.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

/** A directory that everybody may enter, for as long as `use` takes. */
const withPublicDir = async (use: (dir: string) => Promise<void>): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-pub-'));
  chmodSync(dir, 0o755);
  try {
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

const killSupervisor = async (skein: Skein): Promise<void> => {
  const { pid } = (await skein.ping()).supervisor;
  process.kill(pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return now !== null && now.supervisor.pid !== pid;
  });
};

/** From a checkout that is private, no worker of another user can be started: then it is that which is tested. */
const isPrivate = async (user: OtherUser): Promise<boolean> => {
  if (user.mayRead(fixture('http.js'))) return false;
  await withSkein(async (skein) => {
    const { code, stderr } = await skein.run(['start', fixture('http.js'), '--user', user.name]);
    assert.equal(code, 6);
    assert.match(stderr, /who has no permission to/);
  });
  return true;
};

for (const accept of ['per-worker', 'shared'] as const)
  test(`under load: reload, scale, a killed supervisor (${accept})`, { timeout: 90_000 }, () =>
    withOtherUser(async (user) => {
      if (await isPrivate(user)) return;
      await noRequestLost({
        script: 'http.js',
        accept,
        instances: 2,
        flags: ['--user', user.name],
        load: { rate: 200, seed: 7 },
        async act({ skein, app, load }) {
          const ids = { uids: Array(4).fill(user.uid), gids: Array(4).fill(user.gid), groups: user.groups };
          for (const pid of await skein.pids(app)) assert.deepEqual(idsOfProcess(pid), ids);
          await skein.ok(['reload', app]);
          const pids = await skein.pids(app);
          for (let n = 0; n < 2; n += 1) {
            await killSupervisor(skein);
            await load.answered(100);
            assert.deepEqual(
              (await skein.settled(app)).workers.map(({ pid }) => pid),
              pids,
            );
          }
          // They have found the new supervisor, or they could not be told to drain.
          await skein.ok(['scale', app, '1']);
          await skein.ok(['scale', app, '3']);
          await skein.ok(['reload', app]);
          for (const pid of await skein.pids(app)) assert.deepEqual(idsOfProcess(pid), ids);
        },
      });
    }),
  );

test('the environment, the files and the sockets are those of the user', { timeout: 60_000 }, () =>
  withOtherUser(async (user) => {
    if (await isPrivate(user)) return;
    await withPublicDir(async (dir) => {
      const own = join(dir, 'own');
      mkdirSync(own);
      chownSync(own, user.uid, user.gid);
      await withSkein(async (skein) => {
        const port = await freePort();
        const script = fixture('who-am-i.js');
        const start = (name: string, env: Record<string, string>, ...flags: string[]) =>
          skein.run(['start', script, '-n', name, '--user', user.name, ...flags], { env });
        assert.equal(
          (await start('web', { PORT: String(port), UPLOAD: join(own, 'upload') }, '--env', 'USER=declared'))
            .code,
          0,
        );
        const { body } = await get(port);
        assert.deepEqual(JSON.parse(body), {
          uid: user.uid,
          HOME: `/home/${user.name}`,
          USER: 'declared',
          LOGNAME: user.name,
        });
        const made = statSync(join(own, 'upload'));
        assert.deepEqual(
          [made.uid, made.gid, made.mode & 0o777],
          [user.uid, user.gid, 0o666 & ~process.umask()],
        );
        const log = join(skein.home.logDir, 'web.out.log');
        await until('its output is there', () => statSync(log, { throwIfNoEntry: false }));
        assert.deepEqual([statSync(log).uid, statSync(log).mode & 0o777], [0, 0o600]);

        assert.equal((await start('socket', { SOCKET_PATH: join(own, 's') }, '-i', '2')).code, 0);
        const socket = statSync(join(own, 's'));
        assert.deepEqual([socket.uid, socket.gid], [user.uid, user.gid]);
        const denied = await start('denied', { SOCKET_PATH: join(dir, 's') });
        assert.equal(denied.code, 4);
        assert.match(denied.stderr, /EACCES/);
      });
    });
  }),
);

test('what its workers share, and nothing that others do', { timeout: 60_000 }, () =>
  withOtherUser(async (user) => {
    if (await isPrivate(user)) return;
    await withSkein(async (skein) => {
      const start = async (name: string, ...flags: string[]): Promise<number> => {
        const port = await freePort();
        const args = ['start', fixture('shares-state.mjs'), '-n', name, '-i', '2', ...flags];
        await skein.ok(args, { env: { PORT: String(port) } });
        return port;
      };
      const port = await start('theirs', '--user', user.name);
      for (let n = 0; n < 20; n += 1) assert.equal((await get(port, '/add?n=5')).status, 200);
      await skein.ok(['reload', 'theirs']);
      await killSupervisor(skein);
      const { value } = await getJson<{ value: number }>(port, '/entry?key=count');
      assert.equal(value, 100);
      assert.deepEqual(idsOfProcess((await skein.ping()).stateServer!.pid).uids, [0, 0, 0, 0]);

      const own = await start('own');
      assert.equal((await get(own, '/add?n=1')).status, 200);
      const url = `embedded:${encodeURIComponent(skein.home.stateSocket)}?store=own`;
      const thief = await start('thief', '--user', user.name, '--env', `SKEIN_STATE=${url}`);
      const { status, body } = await get(thief, '/entry?key=count');
      assert.equal(status, 503);
      assert.match(body, /only for the store of thief/);
    });
  }),
);

suite('what cannot be', () => {
  test('says which file, and does not try again and again', { timeout: 60_000 }, () =>
    withOtherUser(async (user) => {
      if (await isPrivate(user)) return;
      await withPublicDir(async (dir) => {
        const secret = join(dir, 'private');
        mkdirSync(secret, { mode: 0o700 });
        const script = join(secret, 'server.js');
        copyFileSync(fixture('who-am-i.js'), script);
        await withSkein(async (skein) => {
          const file = await skein.run(['start', script, '-n', 'a', '--user', user.name]);
          assert.equal(file.code, 6, file.stderr);
          assert.match(
            file.stderr,
            new RegExp(`a is to run as ${user.name}, who has no permission to read ${script}`),
          );
          assert.match(file.stderr, /Give .* the right to it/);
          const cwd = await skein.run([
            'start',
            fixture('http.js'),
            '-n',
            'b',
            '--user',
            user.name,
            '--cwd',
            secret,
          ]);
          assert.match(cwd.stderr, new RegExp(`no permission to enter the directory ${secret}`));
          assert.ok(
            (await skein.list()).every(({ state, workers }) => state === 'failed' && workers.length === 0),
          );
          assert.equal((await skein.events()).filter(({ kind }) => kind === 'worker-started').length, 0);
        });
      });
    }),
  );

  test('a user that is not there, and a release that the user may not read', { timeout: 60_000 }, () =>
    withOtherUser(async (user) => {
      if (await isPrivate(user)) return;
      await withPublicDir(async (dir) => {
        const script = join(dir, 'server.mjs');
        copyFileSync(fixture('http.js'), script);
        await withSkein(async (skein) => {
          const port = await freePort();
          const nobody = await skein.run(['start', script, '--user', 'no-such-user']);
          assert.equal(nobody.code, 6);
          assert.match(nobody.stderr, /there is no such user/);
          await skein.ok(['start', script, '-n', 'app', '--user', user.name], {
            env: { PORT: String(port) },
          });
          const [pid] = await skein.pids('app');
          chmodSync(script, 0o600);
          const failed = await skein.run(['reload', 'app']);
          assert.equal(failed.code, 6, failed.stderr);
          assert.match(failed.stderr, /no permission to read/);
          assert.deepEqual(await skein.pids('app'), [pid], 'the old generation serves');
          chmodSync(script, 0o644);
          await skein.ok(['reload', 'app']);
        });
      });
    }),
  );
});

test('a program of another user, and a hook', { timeout: 60_000 }, () =>
  withOtherUser(async (user) => {
    await withPublicDir(async (dir) => {
      chmodSync(dir, 0o777);
      await withSkein(async (skein) => {
        await skein.ok(['start', '/bin/sleep', '-n', 'prog', '--user', user.name, '--', '600']);
        const [pid] = await skein.pids('prog');
        assert.deepEqual(idsOfProcess(pid!).uids, Array(4).fill(user.uid));
        assert.deepEqual(idsOfProcess(pid!).groups, user.groups);
        const mark = join(dir, 'mark');
        await skein.ok(['reload', 'prog', '--before-rollout', `id -un > ${mark}`]);
        assert.equal(readFileSync(mark, 'utf8').trim(), user.name);
        assert.equal(statSync(mark).uid, user.uid);
      });
    });
  }),
);
