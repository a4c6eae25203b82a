import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target, Targetable } from '../../../src/supervisor/targets.ts';
import { resolveTargets, wholeApps } from '../../../src/supervisor/targets.ts';

const apps: readonly Targetable[] = [
  { name: 'api', namespace: 'shop', ids: [0, 1] },
  { name: 'web', namespace: null, ids: [2] },
  { name: 'api-worker', namespace: 'shop', ids: [3, 7] },
];
const names = (targets: readonly string[]): string[] => resolveTargets(targets, apps).map(({ name }) => name);
const whole = (name: string): Target => ({ name, slots: null });

test('names, several, all and patterns', () => {
  assert.deepEqual(names(['web']), ['web']);
  assert.deepEqual(names(['api-worker', 'api', 'api']), ['api', 'api-worker']);
  assert.deepEqual(names(['all']), ['api', 'web', 'api-worker']);
  assert.deepEqual(resolveTargets(['all'], []), []);
  assert.deepEqual(names(['/^API/i']), ['api', 'api-worker']);
});

test('a namespace is all its apps; an app of the same name comes first', () => {
  assert.deepEqual(names(['shop']), ['api', 'api-worker']);
  const shop: Targetable = { name: 'shop', namespace: null, ids: [9] };
  assert.deepEqual(resolveTargets(['shop'], [...apps, shop]), [whole('shop')]);
});

test('an id is its app, and of several workers that one', () => {
  assert.deepEqual(resolveTargets(['2'], apps), [whole('web')]);
  assert.deepEqual(resolveTargets(['7'], apps), [{ name: 'api-worker', slots: [1] }]);
  assert.deepEqual(resolveTargets(['1', '0'], apps), [whole('api')], 'all its workers are the app');
  assert.deepEqual(resolveTargets(['7', 'api-worker'], apps), [whole('api-worker')]);
  const number: Targetable = { name: '2', namespace: null, ids: [9] };
  assert.deepEqual(resolveTargets(['2'], [...apps, number]), [whole('2')]);
});

test('one of several workers is not stopped alone', () => {
  assert.deepEqual(wholeApps(resolveTargets(['2', 'api'], apps), 'stop'), ['api', 'web']);
  assert.throws(() => wholeApps(resolveTargets(['7'], apps), 'stop'), {
    code: 'E_UNSUPPORTED',
    message: /api-worker has several/,
    fix: /skein scale api-worker -1/,
  });
});

test('what is not there is said with what may be meant', () => {
  assert.throws(() => names(['wep']), {
    code: 'E_UNKNOWN_APP',
    message: 'There is no app named wep. Did you mean web?',
  });
  assert.throws(() => names(['shpo']), { message: 'There is no app named shpo. Did you mean shop?' });
  assert.throws(() => names(['/nothing/']), { code: 'E_UNKNOWN_APP' });
  assert.throws(() => names(['5']), { code: 'E_UNKNOWN_APP' });
  assert.throws(() => names(['/(/']), { code: 'E_BAD_PATTERN' });
});
