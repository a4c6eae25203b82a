import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Dependency } from '../../../src/protocol/app-spec.ts';
import * as changes from '../../../src/supervisor/changes.ts';
import type { Standing, WorkerStanding } from '../../../src/supervisor/dependencies.ts';
import {
  dependencyVerdict,
  inOrder,
  refuseCircle,
  standingOf,
} from '../../../src/supervisor/dependencies.ts';
import type { WorkerState } from '../../../src/supervisor/worker-state.ts';
import { appSpec } from '../support/app-spec.ts';
import { opening, startedRecord } from './fake-surroundings.ts';

const exited = { code: 0, signal: null };
const worker = (slot: number, state: WorkerState, pid: number | null = 1): WorkerStanding => ({
  slot,
  state,
  pid,
});
const starting: WorkerState = { name: 'starting', since: 0 };
const ready: WorkerState = { name: 'ready', since: 0 };
const done: WorkerState = { name: 'stopped', since: 0, exit: exited, asked: false };
const gone: WorkerState = { name: 'stopped', since: 0, exit: { code: 1, signal: null }, asked: false };
const given: WorkerState = { name: 'failed', since: 0, exit: exited, reason: 'crashed too often' };
const resting: WorkerState = { name: 'backing-off', since: 0, until: 9, exit: exited };

const error = { code: 'E_WORKER_EXITED', message: 'it ended', fix: 'mend it' } as const;

describe('how an app stands', () => {
  const cases: readonly (readonly [Standing, string, readonly WorkerStanding[]])[] = [
    ['coming', 'no worker yet', []],
    ['coming', 'one slot still empty', [worker(0, ready)]],
    ['coming', 'a process that is not there yet', [worker(0, ready), worker(1, starting, null)]],
    ['coming', 'a worker that rests after a crash', [worker(0, ready), worker(1, resting, null)]],
    ['started', 'all processes run', [worker(0, ready), worker(1, starting)]],
    ['ready', 'all ready', [worker(0, ready), worker(1, ready)]],
    [
      'ready',
      'in a rollout the old generation serves',
      [worker(0, ready), worker(0, starting), worker(1, ready)],
    ],
    ['ready', 'a job that is done', [worker(0, done), worker(1, done)]],
    ['failed', 'a job that failed', [worker(0, done), worker(1, gone)]],
    ['failed', 'a worker that has given up', [worker(0, ready), worker(1, given)]],
  ];
  for (const [standing, what, workers] of cases)
    test(`${standing}: ${what}`, () => assert.equal(standingOf(startedRecord(), workers), standing));

  test('by the change under way', () => {
    const record = startedRecord();
    const stop = changes.stop(record, 'keep', opening('stop'));
    assert.equal(standingOf(stop, [worker(0, ready)]), 'stopping');
    assert.equal(standingOf(stop, []), 'stopped');
    assert.equal(standingOf({ ...record, run: false }, []), 'stopped');
    const restart = changes.restart(record, {}, opening('restart'));
    assert.equal(standingOf(restart, [worker(0, ready)]), 'coming', 'the old ones are on their way out');
    const failed = changes.undo(changes.startNew(appSpec(), opening('start')), error);
    assert.equal(standingOf(failed, [worker(0, starting)]), 'failed');
  });
});

describe('whether an app may start', () => {
  const db: Dependency = { app: 'db', condition: 'ready' };
  const cache: Dependency = { app: 'cache', condition: 'started' };
  const at = (standings: Record<string, Standing>) => (app: string) => standings[app] ?? 'unknown';

  test('when everything is as it has to be', () => {
    assert.deepEqual(dependencyVerdict([db, cache], at({ db: 'ready', cache: 'started' }), 'start'), {
      then: 'start',
    });
    assert.deepEqual(dependencyVerdict([], at({}), 'start'), { then: 'start' });
  });

  test('waits for what is on its way, and says for what', () => {
    assert.deepEqual(dependencyVerdict([db], at({ db: 'started' }), 'start'), {
      then: 'wait',
      reason: 'waits for db to be ready',
    });
    assert.deepEqual(dependencyVerdict([cache], at({ cache: 'coming' }), 'start'), {
      then: 'wait',
      reason: 'waits for cache to be started',
    });
  });

  test('fails with what will not come, also when another is still waited for', () => {
    for (const [standing, reason] of [
      ['stopped', 'is stopped'],
      ['stopping', 'is being stopped'],
      ['failed', 'has failed'],
      ['unknown', 'is not known'],
    ] as const)
      assert.deepEqual(
        dependencyVerdict([db, cache], (app) => (app === 'db' ? 'coming' : standing), 'start'),
        { then: 'fail', dependency: 'cache', reason },
      );
  });

  test('after a boot, what had been stopped is not waited for', () => {
    assert.deepEqual(dependencyVerdict([db], at({ db: 'stopped' }), 'boot'), { then: 'start' });
    assert.deepEqual(dependencyVerdict([db], at({}), 'boot'), { then: 'start' });
    assert.equal(dependencyVerdict([db], at({ db: 'coming' }), 'boot').then, 'wait');
    assert.equal(dependencyVerdict([db], at({ db: 'failed' }), 'boot').then, 'fail');
  });
});

const needs: Readonly<Record<string, readonly string[]>> = { web: ['api'], api: ['db', 'cache'], cache: [] };
const dependsOn = (name: string): Dependency[] =>
  (needs[name] ?? []).map((app) => ({ app, condition: 'ready' }));

test('what is needed comes first, the rest in its order', () => {
  const order = (names: readonly string[]): readonly string[] => inOrder(names, (name) => name, dependsOn);
  assert.deepEqual(order(['web', 'x', 'api', 'db']), ['db', 'api', 'web', 'x']);
  assert.deepEqual(order(['web', 'db']), ['web', 'db'], 'through an app that is not among them');
  assert.deepEqual(order([]), []);
});

/** What each app needs, by its number: any of them. */
const graphs = fc.integer({ min: 1, max: 7 }).chain((size) =>
  fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }), {
    minLength: size,
    maxLength: size,
  }),
);

test('any graph has either an order in which all needs come first, or a circle that is told', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const needsOf = (name: string): Dependency[] =>
        (graph[Number(name)] ?? []).map((app) => ({ app: String(app), condition: 'ready' }));
      const names = graph.map((_, nth) => String(nth));
      const specs = new Map(names.map((name) => [name, appSpec({ name, dependsOn: needsOf(name) })]));
      const order = inOrder(names, (name) => name, needsOf);
      assert.deepEqual(order.toSorted(), names, 'nothing is lost or doubled');
      const inTurn = names.every((name) =>
        needsOf(name).every(({ app }) => order.indexOf(app) < order.indexOf(name)),
      );
      const refused = names.some((name) => {
        try {
          refuseCircle(name, specs);
          return false;
        } catch {
          return true;
        }
      });
      assert.equal(inTurn, !refused);
    }),
  );
});

test('circles are refused with their way round', () => {
  const specs = new Map(
    Object.entries({ a: ['b'], b: ['c'], c: ['a'], d: ['d'], e: ['a', 'f'], f: [] }).map(([name, apps]) => [
      name,
      appSpec({ name, dependsOn: apps.map((app) => ({ app, condition: 'started' })) }),
    ]),
  );
  assert.throws(() => refuseCircle('a', specs), {
    code: 'E_DEPENDS_ON',
    message: 'depends_on: a cannot depend on b: a → b → c → a is a circle.',
  });
  assert.throws(() => refuseCircle('d', specs), { message: /d cannot depend on d: that is the app itself/ });
  refuseCircle('e', specs);
  refuseCircle('f', specs);
});
