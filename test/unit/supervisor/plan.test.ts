import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import type { ApplyRequest, PlannedChange } from '../../../src/protocol/control.ts';
import type { KnownApp } from '../../../src/supervisor/plan.ts';
import { planApp, planApply, toldOf } from '../../../src/supervisor/plan.ts';
import { appSpec } from '../support/app-spec.ts';
import { startedRecord } from './fake-surroundings.ts';

const running = (spec: Partial<AppSpec> = {}): KnownApp => ({
  record: { ...startedRecord(spec), name: spec.name ?? 'api' },
  over: null,
});
const stopped = (spec: Partial<AppSpec> = {}): KnownApp => {
  const { record } = running(spec);
  return { record: { ...record, run: false }, over: null };
};

const plan = (
  wanted: Partial<AppSpec>,
  known: KnownApp | undefined = running(),
  how: Partial<ApplyRequest> & { readonly autostart?: boolean } = {},
): PlannedChange =>
  toldOf(
    planApp(known, { spec: appSpec(wanted), autostart: how.autostart ?? true }, { atLeast: null, ...how }),
  );

/** The least that each setting needs, of an app that runs on Node. */
const needed: readonly (readonly [PlannedChange['action'], Partial<AppSpec>])[] = [
  ['none', {}],
  ['scale', { instances: 5 }],
  ['adjust', { killTimeoutMs: 1 }],
  ['adjust', { drainTimeoutMs: 1 }],
  ['adjust', { readyTimeoutMs: 1 }],
  ['adjust', { stopSignal: 'SIGINT' }],
  ['adjust', { maxMemoryBytes: 1 }],
  ['adjust', { restart: { auto: false, maxRestarts: null, stopExitCodes: [], delayMs: 0 } }],
  ['adjust', { logs: { ...appSpec().logs, out: '/var/log/api.log' } }],
  ['adjust', { watch: { paths: ['/srv'], ignore: [], delayMs: 1 } }],
  ['adjust', { cron: { expression: '0 4 * * *', timeZone: null } }],
  ['adjust', { hooks: { before: 'make', after: null, timeoutMs: 300_000 } }],
  ['adjust', { namespace: 'shop' }],
  ['adjust', { source: '/srv/skein.config.ts' }],
  ['adjust', { saveSecrets: true }],
  ['adjust', { dependsOn: [{ app: 'db', condition: 'ready' }] }],
  ['reload', { script: '/srv/api/other.js' }],
  ['reload', { args: ['--fast'] }],
  ['reload', { env: { PORT: '3000' } }],
  ['reload', { cwd: '/srv' }],
  ['reload', { nodeArgs: ['--inspect'] }],
  ['reload', { interpreter: '/opt/node' }],
  ['reload', { ready: { kind: 'message' } }],
  ['reload', { instanceVar: 'NR' }],
  ['reload', { incrementVar: 'PORT' }],
  ['reload', { hangTimeoutMs: 1 }],
  ['reload', { runAs: { user: 'www', uid: 33, gid: 33 } }],
  ['restart', { accept: 'shared' }],
  ['restart', { kind: 'program' }],
];

describe('the least that a change needs', () => {
  for (const [action, change] of needed)
    test(`${action}: ${JSON.stringify(change)}`, () => assert.equal(plan(change).action, action));

  test('of several changes the strongest', () => {
    assert.equal(plan({ instances: 3, killTimeoutMs: 1 }).action, 'scale');
    assert.equal(plan({ instances: 3, args: ['x'] }).action, 'reload');
    assert.equal(plan({ accept: 'shared', args: ['x'] }).action, 'restart');
  });

  test('a program is restarted where a Node app is rolled, and adjusted all the same', () => {
    const program = running({ kind: 'program' });
    assert.equal(plan({ kind: 'program', args: ['x'] }, program).action, 'restart');
    assert.equal(plan({ kind: 'program', killTimeoutMs: 1 }, program).action, 'adjust');
  });

  test('the inherited environment counts only when it is asked for', () => {
    const wanted = { shellEnv: { TERM: 'dumb' } };
    assert.equal(plan(wanted).action, 'none');
    assert.equal(plan(wanted, running(), { updateEnv: true }).action, 'reload');
    const { step } = planApp(
      running({ shellEnv: { HOME: '/' } }),
      { spec: appSpec({ ...wanted, args: ['x'] }), autostart: true },
      { atLeast: null },
    );
    assert.deepEqual('spec' in step && step.spec.shellEnv, { HOME: '/' }, 'it stays as it was');
  });

  test('more than the least when that is asked for', () => {
    assert.equal(plan({}, running(), { atLeast: 'reload' }).action, 'reload');
    assert.equal(plan({ instances: 3 }, running(), { atLeast: 'reload' }).action, 'reload');
    assert.equal(plan({ accept: 'shared' }, running(), { atLeast: 'reload' }).action, 'restart');
    assert.equal(plan({}, running(), { atLeast: 'restart' }).action, 'restart');
    assert.equal(plan({}, stopped(), { atLeast: 'reload' }).action, 'start');
  });
});

describe('apps that do not run', () => {
  test('new ones are started, or only made known', () => {
    const one = { spec: appSpec(), autostart: true };
    assert.equal(planApp(undefined, one, { atLeast: null }).step.do, 'start');
    assert.equal(planApp(undefined, { ...one, autostart: false }, { atLeast: 'restart' }).step.do, 'add');
  });

  test('stopped ones are started, unless they are to be started by name', () => {
    assert.equal(plan({ args: ['x'] }, stopped()).action, 'start');
    assert.equal(plan({}, stopped(), { autostart: false }).action, 'none');
    assert.equal(plan({ args: ['x'] }, stopped(), { autostart: false }).action, 'adjust');
    assert.equal(plan({}, running(), { autostart: false }).action, 'none');
  });

  test('one whose workers have all given up is started anew', () => {
    assert.equal(plan({}, { ...running(), over: 'failed' }).action, 'restart');
  });
});

test('a job that has ended runs again when it is to be restarted from now on, else not', () => {
  const restart = { auto: false, maxRestarts: null, stopExitCodes: [], delayMs: 0 };
  const ended: KnownApp = { ...running({ restart }), over: 'ended' };
  assert.equal(plan({ restart }, ended).action, 'none');
  assert.equal(plan({ restart, killTimeoutMs: 1 }, ended).action, 'adjust');
  assert.equal(plan({ restart: { ...restart, auto: true } }, ended).action, 'restart');
});

test('what differs is told setting by setting, never the value of a variable', () => {
  const known = running({ env: { KEEP: '1', SECRET: 'old', GONE: 'x' }, maxMemoryBytes: 2 ** 30 });
  const { changed } = plan(
    {
      env: { KEEP: '1', SECRET: 'new', PORT: '3000' },
      instances: 4,
      args: ['--a', '--b'],
      killTimeoutMs: 1_500,
      logs: { ...appSpec().logs, out: '/var/log/api.log', rotation: { ...appSpec().logs.rotation, keep: 3 } },
      cron: { expression: '0 4 * * *', timeZone: 'Europe/Berlin' },
      ready: { kind: 'http', path: '/up' },
      dependsOn: [{ app: 'db', condition: 'ready' }],
      restart: { auto: false, maxRestarts: null, stopExitCodes: [3, 4], delayMs: 0 },
      runAs: { user: 'www', uid: 33, gid: 34 },
    },
    known,
  );
  assert.deepEqual(
    changed.map(({ setting, from, to }) => `${setting}: ${from} → ${to}`),
    [
      'args: null → --a --b',
      'env.GONE: set → null',
      'env.PORT: null → set',
      'env.SECRET: set → changed',
      'instances: 2 → 4',
      'ready: listening → /up',
      'killTimeout: 10 s → 1.5 s',
      'autorestart: true → false',
      'stopExitCodes: null → 3 4',
      'maxMemory: 1 GiB → null',
      'dependsOn: null → db (ready)',
      'logs.out: null → /var/log/api.log',
      'logs.rotate.keep: 10 → 3',
      'cron.expression: null → 0 4 * * *',
      'cron.timeZone: null → Europe/Berlin',
      'user: null → www (33:34)',
    ],
  );
});

describe('apps that the file does not name', () => {
  const known = new Map(
    [
      running({ name: 'api', source: '/a.ts' }),
      running({ name: 'old', source: '/a.ts' }),
      running({ name: 'other', source: '/b.ts' }),
      running({ name: 'by-hand' }),
      stopped({ name: 'off', source: '/a.ts' }),
    ].map((app) => [app.record.name, app]),
  );
  const request: ApplyRequest = {
    apps: [{ spec: appSpec({ name: 'api', source: '/a.ts' }), autostart: true }],
    stop: { source: '/a.ts' },
    atLeast: null,
    dryRun: false,
  };
  const outcome = (stop: ApplyRequest['stop']): unknown => {
    const { steps, leftAlone } = planApply({ ...request, stop }, known);
    return [steps.map(({ app, step }) => `${app} ${step.do}`), leftAlone];
  };

  test('are stopped when they came from it and run; others are left alone', () => {
    assert.deepEqual(outcome({ source: '/a.ts' }), [
      ['api none', 'old stop'],
      ['other', 'by-hand'],
    ]);
  });
  test('are all stopped, or none', () => {
    assert.deepEqual(outcome('all'), [['api none', 'old stop', 'other stop', 'by-hand stop'], []]);
    assert.deepEqual(outcome('none'), [['api none'], ['old', 'other', 'by-hand']]);
  });
});
