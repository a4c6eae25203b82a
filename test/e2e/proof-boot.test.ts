/** What is there again after a reboot, after a kill, and after a damaged file; and what is never on disk. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { specOf } from '../../src/config/spec.ts';
import { createControlClient } from '../../src/control/client.ts';
import type { SavedList } from '../../src/protocol/saved-list.ts';
import { get } from '../support/http.ts';
import { listenForNotify } from '../support/notify-socket.ts';
import { freePort } from '../support/ports.ts';
import { isAlive, processesWith } from '../support/processes.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, plainEnv, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const savedList = ({ home }: Skein): SavedList =>
  JSON.parse(readFileSync(home.appsFile, 'utf8')) as SavedList;

/** As a power cut does: nobody of this home gets to do anything. */
const powerCut = async (skein: Skein): Promise<void> => {
  const { holder, supervisor } = await skein.ping();
  const workers = (await skein.list()).flatMap((app) => app.workers.flatMap(({ pid }) => pid ?? []));
  const pids = [holder!.pid, supervisor.pid, ...workers];
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await until('all are gone', () => pids.every((pid) => !isAlive(pid)));
};

const everyFile = (dir: string): string =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

const environmentOf = (pid: number): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

test(
  'secrets outlive the supervisor but are in no file, and come back from the environment',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const secrets = { DB_PASSWORD: 'hunter-2', SOME_URL: 'https://me:hunter-3@host/' };
      await skein.ok(['start', fixture('prints-env.js'), '-n', 'web', '--env', 'API_TOKEN=hunter-1'], {
        env: { PORT: String(await freePort()), ...secrets },
      });
      await skein.ok(['start', fixture('loop.sh'), '-n', 'open', '--env', 'MY_COLOUR=hunter-green']);
      assert.doesNotMatch(everyFile(skein.home.dir), /hunter-\d/);
      assert.match(everyFile(skein.home.dir), /hunter-green/);

      const wanted = ['API_TOKEN=hunter-1', 'DB_PASSWORD=hunter-2', 'SOME_URL=https://me:hunter-3@host/'];
      const { supervisor } = await skein.ping();
      process.kill(supervisor.pid, 'SIGKILL');
      await skein.ok(['reload', 'web']);
      const [pid] = await skein.pids('web');
      assert.deepEqual(
        environmentOf(pid!)
          .filter((line) => line.includes('hunter'))
          .sort(),
        wanted,
      );

      await powerCut(skein);
      // The first command that starts Skein brings all back.
      const started = await skein.ok(['start', fixture('loop.sh'), '-n', 'other'], {
        env: { DB_PASSWORD: 'hunter-2' },
      });
      assert.match(
        started.stderr,
        /^skein: web has to do without API_TOKEN, SOME_URL: secrets are not saved/m,
      );
      assert.doesNotMatch(started.stderr, /hunter|DB_PASSWORD|open has/);
      await skein.settled('web');
      await skein.settled('open');
      const [next] = await skein.pids('web');
      assert.deepEqual(
        environmentOf(next!).filter((line) => line.includes('hunter')),
        ['DB_PASSWORD=hunter-2'],
      );
      assert.ok(!environmentOf(next!).some((line) => line.startsWith('SKEIN_KEPT_')));
      assert.doesNotMatch(everyFile(skein.home.dir), /hunter-\d/);
    }),
);

test(
  'secrets come back from the config file and its env_file, with the profile that was chosen',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const dir = mkdtempSync(join(tmpdir(), 'sk-config-'));
      const file = join(dir, 'skein.config.json');
      const app = {
        name: 'web',
        script: fixture('prints-env.js'),
        envFile: '.env',
        env: { PORT: await freePort(), COLOUR: 'red', API_KEY: 'hunter-base' },
        env_staging: { COLOUR: 'yellow', API_KEY: 'hunter-staging' },
        env_production: { COLOUR: 'green', API_KEY: 'hunter-production' },
      };
      writeFileSync(file, JSON.stringify({ apps: [app] }));
      writeFileSync(join(dir, '.env'), 'DB_PASSWORD=hunter-file\n');
      await skein.ok(['apply', file, '--env', 'production']);
      assert.doesNotMatch(everyFile(skein.home.dir), /hunter/);
      await skein.ok(['kill']);
      const back = await skein.ok(['resurrect']);
      assert.doesNotMatch(back.stderr, /without/);
      const hunters = async (): Promise<string[]> =>
        environmentOf((await skein.pids('web'))[0]!)
          .filter((line) => line.includes('hunter'))
          .sort();
      assert.deepEqual(await hunters(), ['API_KEY=hunter-production', 'DB_PASSWORD=hunter-file']);
      const plan = await skein.ok(['apply', file, '--env', 'production', '--dry-run']);
      assert.equal(plan.stdout, '= 1 unchanged\n');

      // A config that has been broken since keeps no app from coming back.
      await skein.ok(['kill']);
      writeFileSync(file, '{');
      const without = await skein.ok(['resurrect']);
      assert.match(without.stderr, /skein\.config\.json could not be read again for its secrets: /);
      assert.match(without.stderr, /web has to do without API_KEY, DB_PASSWORD: /);
      assert.deepEqual(await hunters(), []);
      // And is known to lack them still.
      await skein.ok(['kill']);
      writeFileSync(file, JSON.stringify({ apps: [app] }));
      await skein.ok(['resurrect']);
      assert.deepEqual(await hunters(), ['API_KEY=hunter-production', 'DB_PASSWORD=hunter-file']);
      rmSync(dir, { recursive: true });
    }),
);

test('after kill, resurrect brings the same apps back, the stopped ones stopped', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const nothing = await skein.run(['resurrect']);
    assert.equal(nothing.code, 3);
    assert.match(nothing.stderr, /^skein: No apps are saved in /);
    assert.deepEqual(processesWith(skein.home.dir), []);

    const port = await freePort();
    await skein.ok(['start', fixture('http.js'), '-n', 'web', '-i', '2', '--env', `PORT=${port}`]);
    await skein.ok(['start', fixture('loop.sh'), '-n', 'quiet']);
    await skein.ok(['start', fixture('loop.sh'), '-n', 'gone']);
    await skein.ok(['scale', 'web', '3']);
    await skein.ok(['stop', 'quiet']);
    await skein.ok(['delete', 'gone']);
    assert.match((await skein.ok(['save'])).stdout, /^2 apps saved in .*apps\.json\n$/);
    assert.equal(statSync(skein.home.appsFile).mode & 0o777, 0o600);

    assert.match((await skein.ok(['kill'])).stderr, /`skein resurrect` brings the apps back/);
    await skein.ok(['resurrect']);
    await skein.settled('web');
    assert.deepEqual(
      (await skein.list()).map(({ name, state, instances }) => ({ name, state, instances })),
      [
        { name: 'web', state: 'running', instances: 3 },
        { name: 'quiet', state: 'stopped', instances: 1 },
      ],
    );
    assert.equal((await get(port)).status, 200);
    const again = await skein.ok(['resurrect']);
    assert.match(again.stderr, /There already: web, quiet/);

    // One that cannot come back does not keep the others, and the exit code says it.
    await skein.ok(['kill']);
    const list = readFileSync(skein.home.appsFile, 'utf8');
    writeFileSync(
      skein.home.appsFile,
      list.replace('loop.sh', 'no-such.sh').replace('"run": false', '"run": true'),
    );
    const partly = await skein.run(['resurrect']);
    assert.equal(partly.code, 4, partly.stderr);
    await skein.settled('web');
    assert.equal((await skein.app('quiet')).state, 'failed');
  }),
);

test('the saved list is whole and true whenever the supervisor is killed', { timeout: 90_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('loop.sh'), '-n', 'app-0']);
    const client = createControlClient(skein.home);
    const spec = specOf(
      { script: fixture('loop.sh'), args: [], settings: {} },
      {
        cwd: skein.home.dir,
        env: plainEnv(),
        cpus: 1,
      },
    );
    let over = false;
    let kills = 0;
    let reads = 0;
    const killing = (async () => {
      let last = 0;
      while (!over) {
        const now = await skein.ping().catch(() => null);
        if (now === null || now.supervisor.pid === last) continue;
        last = now.supervisor.pid;
        // At any moment of what is going on.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
        process.kill(last, 'SIGKILL');
        kills += 1;
      }
    })();
    let said = 1;
    let seen = 0;
    const reading = (async () => {
      while (!over) {
        const atLeast = said;
        const names = savedList(skein).apps.map((app) => app.spec.name);
        assert.deepEqual(
          names,
          names.map((_, nth) => `app-${nth}`),
          'a list that was true',
        );
        assert.ok(names.length >= Math.max(seen, atLeast), 'and no older one');
        seen = names.length;
        reads += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    // On a fast machine five are there before it has been killed often.
    for (let n = 1; n <= 5 || kills <= 3; n += 1) {
      for (;;) {
        try {
          await client.start({ spec: { ...spec, name: `app-${n}` } });
          break;
        } catch {
          // Killed before or after it had begun: the list says which.
          if (savedList(skein).apps.some((app) => app.spec.name === `app-${n}`)) break;
        }
      }
      said = n + 1;
    }
    over = true;
    await Promise.all([killing, reading]);
    assert.ok(reads > 50, `${kills} kills, ${reads} reads`);
    for (let n = 0; n < said; n += 1) await skein.settled(`app-${n}`, 30_000);
  }),
);

test('a damaged state file costs no app and no worker; a damaged list neither', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok([
      'start',
      fixture('http.js'),
      '-n',
      'web',
      '-i',
      '2',
      '--env',
      `PORT=${await freePort()}`,
    ]);
    await skein.ok(['reload', 'web']);
    await skein.ok(['start', fixture('loop.sh'), '-n', 'loop']);
    const before = await skein.pids('web');
    const { supervisor } = await skein.ping();
    writeFileSync(skein.home.stateFile, '{"format":1,"apps":[{');
    process.kill(supervisor.pid, 'SIGKILL');
    await skein.event('message', ({ text }) => text.includes('2 apps come from the saved list'));
    await skein.settled('web');
    assert.deepEqual(await skein.pids('web'), before);
    await skein.settled('loop');

    await skein.ok(['stop', 'loop']);
    await skein.ok(['kill']);
    const list = readFileSync(skein.home.appsFile, 'utf8');
    writeFileSync(skein.home.appsFile, list.slice(0, list.length / 2));
    const back = await skein.ok(['resurrect']);
    assert.match(back.stderr, /apps\.json is not readable \(.*\); the list before it is used\./);
    // Of the list before the stop.
    await skein.settled('web');
    await skein.settled('loop');
    assert.ok(readdirSync(skein.home.dir).includes('apps.json.unreadable'));
    assert.deepEqual(
      savedList(skein).apps.map(({ run, spec }) => [spec.name, run]),
      [
        ['web', true],
        ['loop', true],
      ],
    );
  }),
);

test('kill ends workers whose holder and supervisor are both dead', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    await skein.ok([
      'start',
      fixture('http.js'),
      '-n',
      'web',
      '-i',
      '2',
      '--env',
      `PORT=${await freePort()}`,
    ]);
    const pids = await skein.pids('web');
    const { holder, supervisor } = await skein.ping();
    process.kill(holder!.pid, 'SIGKILL');
    process.kill(supervisor.pid, 'SIGKILL');
    await until('both are gone', () => !isAlive(holder!.pid) && !isAlive(supervisor.pid));
    const killed = await skein.ok(['kill', '--json']);
    const { ended } = JSON.parse(killed.stdout) as { ended: number[] };
    assert.deepEqual(
      ended.toSorted((a, b) => a - b),
      pids.toSorted((a, b) => a - b),
    );
    assert.ok(pids.every((pid) => !isAlive(pid)));
  }),
);

for (const kind of ['path', 'abstract'] as const)
  test(`as a service: tells systemd how it is, over a notify socket (${kind})`, { timeout: 90_000 }, () =>
    withSkein(async (skein) => {
      const port = await freePort();
      await skein.ok(['start', fixture('prints-env.js'), '-n', 'web', '-i', '2', '--env', `PORT=${port}`]);
      await skein.ok(['start', fixture('loop.sh'), '-n', 'loop']);
      const taken = await skein.run(['resurrect', '--foreground']);
      assert.equal(taken.code, 7, taken.stderr);
      assert.match(taken.stderr, /Skein runs already in/);
      await skein.ok(['kill']);

      const address = kind === 'path' ? `${skein.home.dir}/notify` : `@skein-test-${process.pid}`;
      const systemd = await listenForNotify(address);
      const service = skein.begin(['resurrect', '--foreground'], {
        env: { NOTIFY_SOCKET: address, WATCHDOG_USEC: '4000000', INVOCATION_ID: 'f00', LISTEN_FDS: '1' },
      });
      try {
        await until('it is ready', () => systemd.said.includes('READY=1'));
        assert.ok(systemd.said.includes('STATUS=2 of 2 apps up'), systemd.said.join('\n'));
        const pids = await skein.pids('web');
        assert.equal(pids.length, 2);
        assert.deepEqual(
          environmentOf(pids[0]!).filter((line) => /^(NOTIFY_|WATCHDOG_|INVOCATION_|LISTEN_)/.test(line)),
          [],
        );
        await until('it is alive', () => systemd.said.includes('WATCHDOG=1'));

        // One that hangs is replaced, and the workers do not notice.
        const { supervisor } = await skein.ping();
        process.kill(supervisor.pid, 'SIGSTOP');
        await until('it is replaced', async () => {
          const now = await skein.ping().catch(() => null);
          return now !== null && now.supervisor.pid !== supervisor.pid;
        });
        assert.deepEqual(await skein.pids('web'), pids);
        const beats = systemd.said.filter((line) => line === 'WATCHDOG=1').length;
        await until(
          'it is alive again',
          () => systemd.said.filter((line) => line === 'WATCHDOG=1').length > beats,
        );

        service.child.kill('SIGTERM');
        assert.equal((await service.finished).code, 0);
        assert.ok(systemd.said.includes('STOPPING=1'));
        assert.equal(savedList(skein).apps.length, 2);
      } finally {
        service.child.kill('SIGKILL');
        systemd.end();
      }
    }),
  );

test('run tells systemd when its app is ready, and that it stops', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const address = `@skein-test-run-${process.pid}`;
    const systemd = await listenForNotify(address);
    const service = skein.begin(['run', fixture('http.js')], {
      env: { NOTIFY_SOCKET: address, WATCHDOG_USEC: '2000000', PORT: String(port) },
    });
    try {
      await until('it is ready', () => systemd.said.includes('READY=1'));
      assert.equal((await get(port)).status, 200);
      await until('it is alive', () => systemd.said.includes('WATCHDOG=1'));
      service.child.kill('SIGTERM');
      assert.equal((await service.finished).code, 0);
      assert.ok(systemd.said.includes('STOPPING=1'));
    } finally {
      service.child.kill('SIGKILL');
      systemd.end();
    }
  }),
);

test(
  'as a service: without its holder it fails, and leaves nothing that the next start would meet',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      await skein.ok(['start', fixture('http.js'), '-n', 'web', '--env', `PORT=${await freePort()}`]);
      await skein.ok(['kill']);
      const service = skein.begin(['resurrect', '--foreground']);
      await until('the app is up', async () => (await skein.pids('web').catch(() => [])).length === 1);
      process.kill((await skein.ping()).holder!.pid, 'SIGKILL');
      assert.equal((await service.finished).code, 137);
      await until('nothing is left', () => processesWith(skein.home.dir).length === 0);
      assert.equal(savedList(skein).apps[0]?.run, true);
    }),
);

test(
  'as a service: an app that does not come up keeps nobody waiting; killed, it takes all along',
  { timeout: 60_000 },
  () =>
    withSkein(async (skein) => {
      const port = await freePort();
      await skein.ok(['start', fixture('http.js'), '-n', 'web', '--env', `PORT=${port}`]);
      await skein.ok(['kill']);
      const list = savedList(skein);
      const broken = {
        run: true,
        spec: { ...list.apps[0]!.spec, name: 'broken', script: fixture('crashes-at-start.js') },
      };
      writeFileSync(skein.home.appsFile, JSON.stringify({ ...list, apps: [...list.apps, broken] }));
      // Not a path in the home: whoever names that counts as a process of it.
      const address = `@skein-test-killed-${process.pid}`;
      const systemd = await listenForNotify(address);
      const service = skein.begin(['resurrect', '--foreground'], {
        env: { NOTIFY_SOCKET: address },
      });
      try {
        await until('it is ready', () => systemd.said.includes('READY=1'));
        assert.ok(systemd.said.includes('STATUS=1 of 2 apps up; not up: broken'), systemd.said.join('\n'));
        service.child.kill('SIGKILL');
        await until('nothing is left', () => processesWith(skein.home.dir).length === 0);
        await assert.rejects(get(port));
        assert.equal(savedList(skein).apps.length, 2);
      } finally {
        systemd.end();
      }
    }),
);
