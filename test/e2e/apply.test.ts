/** What runs is made equal to a list of apps, with the least that each change needs. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ControlClient } from '../../src/control/client.ts';
import { createControlClient } from '../../src/control/client.ts';
import type { AppSpec } from '../../src/protocol/app-spec.ts';
import type { Applied, ApplyRequest, Operation } from '../../src/protocol/control.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';
import { appSpec } from '../unit/support/app-spec.ts';

const spec = (name: string, script: string, changes: Partial<AppSpec> = {}): AppSpec =>
  appSpec({
    name,
    script: fixture(script),
    cwd: process.cwd(),
    interpreter: process.execPath,
    accept: 'shared',
    instances: 1,
    drainTimeoutMs: 5_000,
    ...changes,
  });

interface Ended extends Applied {
  /** `app verb state`, in the order of the plan. */
  readonly outcome: readonly string[];
  readonly ended: readonly Operation[];
}

const begin = (
  client: ControlClient,
  apps: readonly AppSpec[],
  how: Partial<ApplyRequest> = {},
): Promise<Applied> =>
  client.apply({
    apps: apps.map((one) => ({ spec: one, autostart: true })),
    stop: 'none',
    atLeast: null,
    dryRun: false,
    ...how,
  });

const apply = async (
  client: ControlClient,
  apps: readonly AppSpec[],
  how: Partial<ApplyRequest> = {},
): Promise<Ended> => {
  const applied = await begin(client, apps, how);
  const ended = await Promise.all(applied.operations.map((operation) => client.follow(operation)));
  return {
    ...applied,
    ended,
    outcome: ended.map(({ app, verb, state }) => `${app} ${verb} ${state}`),
  };
};

const actions = ({ plan }: Applied): string[] => plan.map(({ app, action }) => `${app} ${action}`);

/** As a file would describe the app that was started by hand: its inherited environment stays. */
const describedBy = async (client: ControlClient, app: string): Promise<AppSpec> => {
  const { envNames: _, ...own } = (await client.details([app])).apps[0]!.spec;
  return { ...own, env: {}, shellEnv: {} };
};

/** An installation that runs, with nothing in it. */
const withEmpty = (use: (skein: Skein, client: ControlClient) => Promise<void>): Promise<void> =>
  withSkein(async (skein) => {
    await skein.ok(['start', fixture('job.js'), '--name', 'job', '--no-autorestart', '--ready', 'started']);
    await skein.ok(['delete', 'job']);
    await use(skein, createControlClient(skein.home));
  });

const killSupervisor = async (skein: Skein): Promise<void> => {
  const before = await skein.ping();
  process.kill(before.supervisor.pid, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = await skein.ping().catch(() => null);
    return now !== null && now.supervisor.pid !== before.supervisor.pid;
  });
};

test('each change does the least that it needs, under load', { timeout: 90_000 }, async () => {
  await noRequestLost({
    script: 'version.js',
    load: { rate: 120, seed: 12 },
    async act({ skein, app, load }) {
      const client = createControlClient(skein.home);
      const asItIs = await describedBy(client, app);
      const pids = await skein.pids(app);

      const nothing = await apply(client, [asItIs]);
      assert.deepEqual([actions(nothing), nothing.outcome], [['app none'], []]);
      assert.deepEqual(await skein.pids(app), pids);

      const out = join(skein.home.dir, 'other.log');
      const adjusted = { ...asItIs, killTimeoutMs: 7_000, logs: { ...asItIs.logs, out } };
      const adjust = await apply(client, [adjusted]);
      assert.deepEqual([actions(adjust), adjust.outcome], [['app adjust'], ['app adjust succeeded']]);
      assert.deepEqual(adjust.plan[0]?.changed, [
        { setting: 'killTimeout', from: '10 s', to: '7 s' },
        { setting: 'logs.out', from: null, to: out },
      ]);
      assert.deepEqual(await skein.pids(app), pids);
      assert.equal((await skein.app(app)).generation, 1);

      const scaled = { ...adjusted, instances: 5 };
      const scale = await apply(client, [scaled]);
      assert.deepEqual([actions(scale), scale.outcome], [['app scale'], ['app scale succeeded']]);
      assert.deepEqual((await skein.pids(app)).slice(0, 4), pids);

      const changed = { ...scaled, env: { VERSION: '2' } };
      const planned = await apply(client, [changed], { dryRun: true });
      assert.deepEqual(planned.plan[0]?.changed, [{ setting: 'env.VERSION', from: null, to: 'set' }]);
      assert.equal((await skein.app(app)).generation, 1, 'a dry run does nothing');
      const rolled = await apply(client, [changed]);
      assert.deepEqual([actions(rolled), rolled.outcome], [['app reload'], ['app reload succeeded']]);
      const after = await skein.settled(app);
      assert.equal(after.generation, 2);
      assert.equal(after.workers.length, 5);
      await load.answered(50);

      const removed = await apply(client, [scaled]);
      assert.deepEqual(removed.plan[0]?.changed, [{ setting: 'env.VERSION', from: 'set', to: null }]);
      assert.deepEqual(removed.outcome, ['app reload succeeded']);
      await skein.settled(app);
    },
  });
});

test('apps come and go with the list; a broken one leaves the others as they are', { timeout: 60_000 }, () =>
  withEmpty(async (skein, client) => {
    const source = '/srv/skein.config.ts';
    const one = spec('one', 'http.js', { source, env: { PORT: String(await freePort()) } });
    const two = spec('two', 'http.js', { source, env: { PORT: String(await freePort()) } });
    const how = { stop: { source } };
    const first = await apply(client, [one, two], how);
    assert.deepEqual(first.outcome, ['one start succeeded', 'two start succeeded']);
    const pids = await skein.pids('one');

    const second = await apply(client, [one], how);
    assert.deepEqual(actions(second), ['one none', 'two stop']);
    assert.deepEqual(second.outcome, ['two stop succeeded']);
    assert.equal((await skein.app('two')).state, 'stopped');

    const broken = { ...two, script: fixture('crashes-at-start.js') };
    const third = await apply(client, [one, broken], how);
    assert.deepEqual(third.outcome, ['two start failed']);
    assert.equal(third.ended[0]?.error?.code, 'E_WORKER_EXITED');
    assert.deepEqual(await skein.pids('one'), pids);

    const waiting = { ...spec('three', 'never-ready.js'), ready: { kind: 'message' } as const };
    const [operation] = (await begin(client, [waiting])).operations;
    await assert.rejects(begin(client, [one, waiting]), { code: 'E_BUSY' });
    await client.operate({ verb: 'delete', targets: ['three'] });
    assert.equal((await client.follow(operation!)).error?.code, 'E_ABANDONED');
    await skein.ok(['delete', 'two']);

    const ids = new Set((await skein.list()).flatMap(({ workers }) => workers.map(({ id }) => id)));
    await apply(client, [one, two], how);
    const now = await skein.app('two');
    assert.ok(
      now.workers.every(({ id }) => id > 0 && !ids.has(id)),
      'an id is never given twice',
    );
  }),
);

test('an app waits for what it depends on, also over supervisors that are killed', { timeout: 60_000 }, () =>
  withEmpty(async (skein, client) => {
    const file = join(skein.home.dir, 'db-is-up');
    const db = spec('db', 'ready-on-demand.js', { env: { READY_FILE: file }, ready: { kind: 'message' } });
    const api = spec('api', 'http.js', {
      env: { PORT: String(await freePort()) },
      dependsOn: [{ app: 'db', condition: 'ready' }],
    });
    await assert.rejects(apply(client, [api]), { code: 'E_DEPENDENCY' });
    await assert.rejects(apply(client, [{ ...db, dependsOn: [{ app: 'api', condition: 'ready' }] }, api]), {
      code: 'E_DEPENDS_ON',
    });
    assert.deepEqual(await skein.list(), [], 'what is refused has done nothing');

    const { operations } = await begin(client, [api, db]);
    await until('db runs', async () => (await skein.app('db')).workers[0]?.pid);
    for (let time = 0; time < 2; time += 1) {
      await killSupervisor(skein);
      const waiting = await skein.app('api');
      assert.deepEqual([waiting.state, waiting.workers], ['starting', []]);
    }
    writeFileSync(file, '');
    const ended = await Promise.all(operations.map((operation) => client.follow(operation)));
    assert.deepEqual(
      ended.map(({ app, state }) => `${app} ${state}`),
      ['api succeeded', 'db succeeded'],
    );
    const events = await skein.events();
    const at = (kind: string, app: string): number =>
      events.findIndex((event) => event.kind === kind && event.app === app);
    assert.ok(at('worker-started', 'api') > at('worker-ready', 'db'));

    // A rollout waits for nobody, and the end comes the other way round.
    await skein.ok(['stop', 'db']);
    assert.equal((await skein.run(['restart', 'api'])).code, 7);
    await skein.ok(['reload', 'api']);
    await skein.ok(['start', 'db']);
  }),
);

test('everything ends in order: an app before what it needs', { timeout: 60_000 }, () =>
  withEmpty(async (skein, client) => {
    const db = spec('db', 'http.js', { env: { PORT: String(await freePort()) } });
    const api = spec('api', 'handles-sigterm.js', {
      env: { PORT: String(await freePort()) },
      dependsOn: [{ app: 'db', condition: 'started' }],
    });
    await apply(client, [db, api]);
    await skein.ok(['kill']);
    const log = readFileSync(skein.home.supervisorLog, 'utf8').split('\n');
    const at = (kind: string, app: string): number =>
      log.findIndex((line) => line.includes(`"kind":"${kind}"`) && line.includes(`"app":"${app}"`));
    assert.ok(at('worker-exited', 'api') >= 0);
    assert.ok(at('worker-draining', 'db') > at('worker-exited', 'api'));
  }),
);

test(
  'hooks around a rollout: a failing one stops it, and no request is lost',
  { timeout: 90_000 },
  async () => {
    await noRequestLost({
      script: 'http.js',
      instances: 2,
      load: { rate: 120, seed: 13 },
      async act({ skein, app, load }) {
        const client = createControlClient(skein.home);
        const asItIs = await describedBy(client, app);
        const trace = join(skein.home.dir, 'trace');
        const withHooks = (before: string | null, after: string | null): AppSpec => ({
          ...asItIs,
          hooks: { before, after, timeoutMs: 20_000 },
        });
        const say = `echo "$SKEIN_HOOK $SKEIN_APP $SKEIN_GENERATION" >> ${trace}`;

        assert.deepEqual((await apply(client, [withHooks(say, say)])).outcome, ['app adjust succeeded']);
        await skein.ok(['reload', app]);
        assert.equal(readFileSync(trace, 'utf8'), 'before app 2\nafter app 2\n');
        const pids = await skein.pids(app);

        await apply(client, [withHooks('echo no migration >&2; exit 3', null)]);
        const before = await skein.run(['reload', app]);
        assert.equal(before.code, 4);
        assert.match(before.stderr, /the before hook failed with exit code 3/);
        assert.match(before.stderr, /no migration/);
        assert.deepEqual(await skein.pids(app), pids, 'nothing was touched');

        await apply(client, [withHooks(null, 'exit 4')]);
        const after = await skein.run(['reload', app]);
        assert.equal(after.code, 4);
        const back = await skein.settled(app);
        assert.equal(back.generation, 2, 'the old generation serves again');
        await load.answered(50);

        // Killed in the middle of a hook: the next supervisor runs it again.
        const go = join(skein.home.dir, 'go');
        const twice = `${say}; until [ -e ${go} ]; do sleep 0.1; done`;
        await apply(client, [withHooks(twice, null)]);
        const cli = skein.begin(['reload', app]);
        const runs = (): number => readFileSync(trace, 'utf8').split('\n').length - 3;
        await until('the hook runs', () => runs() === 1);
        await killSupervisor(skein);
        await until('the hook runs again', () => runs() === 2);
        writeFileSync(go, '');
        assert.equal((await cli.finished).code, 0);
        assert.ok((await skein.settled(app)).generation > 2);
        assert.ok(existsSync(go));
      },
    });
  },
);
