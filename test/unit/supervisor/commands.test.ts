import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';
import type { Applied, ApplyRequest } from '../../../src/protocol/control.ts';
import type { HolderCommand } from '../../../src/protocol/holder.ts';
import type { App } from '../../../src/supervisor/app.ts';
import { Commands } from '../../../src/supervisor/commands.ts';
import { Events } from '../../../src/supervisor/events.ts';
import { Operations } from '../../../src/supervisor/operations.ts';
import { appView } from '../../../src/supervisor/views.ts';
import { appSpec } from '../support/app-spec.ts';
import type { Fake } from './fake-surroundings.ts';
import { bringUp, connect, fakeSurroundings, workerOf } from './fake-surroundings.ts';

let fake: Fake;
let apps: Map<string, App>;
let commands: Commands;
beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  fake = fakeSurroundings();
  apps = new Map();
  const operations = new Operations([], new Events(() => {}));
  Object.assign(fake.around, {
    ended: operations.end.bind(operations),
    removed: (app: App) => apps.delete(app.name),
    standing: (name: string) => apps.get(name)?.standing ?? 'unknown',
  });
  commands = new Commands({
    apps,
    around: fake.around,
    operations,
    closing: () => false,
    endsWith: () => undefined,
  });
});
afterEach(() => mock.timers.reset());

const one = (name: string, changes: Partial<AppSpec> = {}): AppSpec =>
  appSpec({ name, instances: 1, ...changes });
const apply = (specs: readonly AppSpec[], how: Partial<ApplyRequest> = {}, autostart = true): Applied =>
  commands.apply({
    apps: specs.map((spec) => ({ spec, autostart })),
    stop: 'none',
    atLeast: null,
    dryRun: false,
    ...how,
  });
const needing = (app: string): Pick<AppSpec, 'dependsOn'> => ({ dependsOn: [{ app, condition: 'ready' }] });
const actions = ({ plan }: Applied): string[] => plan.map(({ app, action }) => `${app} ${action}`);
const spawned = (): string[] =>
  fake.commands.flatMap((command) => (command.verb === 'spawn' ? [command.tag.app] : []));
const allUp = (): void => {
  for (const app of apps.values()) bringUp(app);
};

describe('apply', () => {
  test('regression: all of the list is saved before the first app is begun, and never a part of it', () => {
    const saves: string[] = [];
    Object.assign(fake.around, { changed: () => saves.push([...apps.keys()].sort().join()) });
    const { send } = fake.around.holder;
    const begunBefore: boolean[] = [];
    Object.assign(fake.around.holder, {
      send: (command: HolderCommand): void => {
        begunBefore.push(saves.length === 0);
        send(command);
      },
    });
    apply([one('web'), one('db'), one('mail')]);
    assert.deepEqual(new Set(saves), new Set(['db,mail,web']));
    assert.deepEqual(begunBefore, [false, false, false]);
  });
  test('starts what is new, in the order in which it is needed', () => {
    const { operations } = apply([one('web', needing('db')), one('db')]);
    assert.deepEqual(
      operations.map(({ app, verb }) => `${app} ${verb}`),
      ['web start', 'db start'],
    );
    assert.deepEqual(spawned(), ['db']);
    bringUp(apps.get('db')!);
    apps.get('web')!.reconcile();
    assert.deepEqual(spawned(), ['db', 'web']);
  });

  test('changes settings in place: live workers follow them', () => {
    apply([one('api')]);
    allUp();
    const worker = workerOf(apps.get('api')!, 0);
    const { operations, plan } = apply([one('api', { killTimeoutMs: 1_234 })]);
    assert.deepEqual(plan[0]?.changed, [{ setting: 'killTimeout', from: '10 s', to: '1.2 s' }]);
    assert.equal(commands.operation(operations[0]!.id)?.state, 'succeeded');
    assert.equal(worker.spec.killTimeoutMs, 1_234);
    commands.operate({ verb: 'stop', targets: ['api'] });
    fake.now += 60_000;
    apps.get('api')!.reconcile();
    assert.deepEqual(
      worker.state.name === 'stopping' && worker.state.killAt - worker.state.since,
      1_234,
      'it is stopped by the new settings',
    );
    assert.equal(apps.get('api')?.record.current.number, 1);
  });

  test('tells live workers the limit that they keep themselves, once', () => {
    apply([one('api')]);
    const app = apps.get('api')!;
    const worker = workerOf(app, 0);
    const said = connect(app, worker, 'ready');
    apply([one('api', { drainTimeoutMs: 700 })]);
    apply([one('api', { drainTimeoutMs: 700, killTimeoutMs: 1 })]);
    assert.deepEqual(
      said.filter(({ type }) => type === 'limits'),
      [{ type: 'limits', drainTimeoutMs: 700 }],
    );
  });

  test('is refused whole while one of the apps changes; a plan is told all the same', () => {
    apply([one('a'), one('b')]);
    bringUp(apps.get('b')!);
    const both = [one('a'), one('b', { killTimeoutMs: 1 }), one('c')];
    assert.throws(() => apply(both), { code: 'E_BUSY' });
    assert.equal(apps.size, 2);
    assert.deepEqual(actions(apply(both, { dryRun: true })), ['a none', 'b adjust', 'c start']);
    assert.notEqual(apps.get('b')?.record.current.spec.killTimeoutMs, 1);
  });

  test('is refused whole for what could not be', () => {
    const refused = (code: string, specs: readonly AppSpec[]): void => {
      assert.throws(() => apply(specs), { code });
      assert.throws(() => apply(specs, { dryRun: true }), { code });
      assert.equal(apps.size, 0);
    };
    refused('E_DEPENDS_ON', [one('a', needing('b')), one('b', needing('a'))]);
    refused('E_DEPENDS_ON', [one('x'), one('a', needing('a'))]);
    refused('E_DEPENDENCY', [one('x'), one('a', needing('nobody'))]);
  });

  test('does not stop what an app that it starts needs', () => {
    apply([one('db')]);
    allUp();
    assert.throws(() => apply([one('a', needing('db'))], { stop: 'all' }), {
      code: 'E_DEPENDENCY',
      message: 'a needs db, which is stopped.',
    });
    assert.equal(apps.get('db')?.record.run, true);
  });

  test('an app that has a new name is begun when the old one has left its addresses', async () => {
    apply([one('old')]);
    allUp();
    const { operations } = apply([one('new')], { stop: 'all' });
    assert.deepEqual(spawned(), ['old']);
    assert.equal(commands.operation(operations[0]!.id)?.progress, 'waits for old to stop');
    apps.get('old')!.exited(workerOf(apps.get('old')!, 0).tag.id, { code: 0, signal: null });
    await turn();
    apps.get('new')!.reconcile();
    assert.deepEqual(spawned(), ['old', 'new']);
  });

  test('a circle with an app that is known already is refused, also in a reload', () => {
    apply([one('a'), one('b', needing('a'))]);
    bringUp(apps.get('a')!);
    apps.get('b')!.reconcile();
    bringUp(apps.get('b')!);
    assert.throws(() => apply([one('a', needing('b'))]), { code: 'E_DEPENDS_ON' });
    assert.throws(() => commands.operate({ verb: 'reload', targets: ['a'], patch: needing('b') }), {
      code: 'E_DEPENDS_ON',
    });
  });

  test('makes an app known that is to be started by name', () => {
    const { operations, plan } = apply([one('later')], {}, false);
    assert.deepEqual([plan[0]?.action, operations], ['add', []]);
    assert.equal(appView(apps.get('later')!, 0).state, 'stopped');
    assert.deepEqual(actions(apply([one('later')], {}, false)), ['later none']);
    commands.operate({ verb: 'start', targets: ['later'] });
    assert.deepEqual(spawned(), ['later']);
  });

  test('settings of an app that is stopped hold from its next start on', () => {
    apply([one('later')], {}, false);
    assert.deepEqual(actions(apply([one('later', { args: ['x'] })], {}, false)), ['later adjust']);
    assert.deepEqual(apps.get('later')?.record.current.spec.args, ['x']);
    assert.deepEqual(spawned(), []);
  });
});

describe('commands to several apps', () => {
  test('a start begins with what is needed', () => {
    apply([one('web', needing('db')), one('db')], {}, false);
    commands.operate({ verb: 'start', targets: ['all'] });
    assert.deepEqual(spawned(), ['db']);
  });

  test('what needs an app that is stopped is refused before anything is touched', () => {
    apply([one('db'), one('web', needing('db'))]);
    allUp();
    apps.get('web')!.reconcile();
    allUp();
    commands.operate({ verb: 'stop', targets: ['db'] });
    assert.throws(() => commands.operate({ verb: 'restart', targets: ['web'] }), {
      code: 'E_DEPENDENCY',
      message: 'web needs db, which is being stopped.',
    });
    assert.equal(workerOf(apps.get('web')!, 0).state.name, 'ready');
  });
});

describe('the end of an app', () => {
  test('regression: a second stop joins the first, which succeeds', async () => {
    apply([one('api')]);
    allUp();
    const [first] = commands.operate({ verb: 'stop', targets: ['api'] });
    const [second] = commands.operate({ verb: 'stop', targets: ['api'] });
    assert.equal(second?.id, first?.id);
    apps.get('api')!.exited(workerOf(apps.get('api')!, 0).tag.id, { code: 0, signal: null });
    await turn();
    assert.equal(commands.operation(first!.id)?.state, 'succeeded');
    assert.equal(apps.size, 1);
  });

  test('a delete joins a stop, and is done', async () => {
    apply([one('api')]);
    allUp();
    const [first] = commands.operate({ verb: 'stop', targets: ['api'] });
    const [second] = commands.operate({ verb: 'delete', targets: ['api'] });
    assert.deepEqual([second?.id, second?.verb], [first?.id, 'delete']);
    commands.operate({ verb: 'stop', targets: ['api'] });
    apps.get('api')!.exited(workerOf(apps.get('api')!, 0).tag.id, { code: 0, signal: null });
    await turn();
    assert.equal(apps.size, 0);
  });
});

describe('targets', () => {
  test('one worker of several is signalled alone, and not stopped alone', () => {
    apply([one('api', { instances: 3, namespace: 'shop' }), one('web', { namespace: 'shop' })]);
    allUp();
    assert.deepEqual(commands.signal({ targets: ['1'], signal: 'SIGUSR2' }), [101]);
    assert.equal(commands.signal({ targets: ['shop'], signal: 'SIGUSR2' }).length, 4);
    assert.throws(() => commands.operate({ verb: 'stop', targets: ['1'] }), { code: 'E_UNSUPPORTED' });
    assert.throws(() => commands.operate({ verb: 'scale', targets: ['1'], to: '2' }), {
      code: 'E_UNSUPPORTED',
    });
    const [reload] = commands.operate({ verb: 'reload', targets: ['1'] });
    assert.equal(reload?.app, 'api');
    const [stop] = commands.operate({ verb: 'stop', targets: ['3'] });
    assert.equal(stop?.app, 'web');
  });
});
