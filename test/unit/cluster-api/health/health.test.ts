import assert from 'node:assert/strict';
import { test } from 'node:test';
import { health } from '../../../../src/cluster-api/health/health.ts';
import { until } from '../../../support/wait.ts';

const code = (expected: string, reason: RegExp) => (error: { code?: string; message: string }) =>
  error.code === expected && reason.test(error.message);

test('alone: the report is for the route of the app', async () => {
  const end = health.check('alone', () => Promise.reject(new Error('refused')), { every: '1s' });
  assert.equal(health.report().status, 'unknown');
  await until('it has run', () => health.report().status === 'unhealthy');
  assert.deepEqual(
    health.report().checks.map(({ name, ok, reason }) => ({ name, ok, reason })),
    [{ name: 'alone', ok: false, reason: 'refused' }],
  );
  end();
  assert.deepEqual(health.report(), { status: 'healthy', checks: [] });
});

test('a name that is taken, is none, or is too long; what is no function; bad times', () => {
  const end = health.check('twice', () => true);
  const add = (name: unknown, check: unknown = () => true, options: object = {}) => {
    return () => health.check(name as string, check as () => boolean, options);
  };
  assert.throws(add('twice'), code('E_HEALTH_CHECK', /'twice' cannot be added: there is one of that name/));
  assert.throws(add(''), code('E_HEALTH_CHECK', /no name/));
  assert.throws(add('   '), code('E_HEALTH_CHECK', /no name/));
  assert.throws(add(undefined), code('E_HEALTH_CHECK', /undefined cannot be added: it has no name/));
  assert.throws(add('x'.repeat(65)), code('E_HEALTH_CHECK', /more than 64 characters/));
  assert.throws(add('a\nb'), code('E_HEALTH_CHECK', /control characters/));
  assert.throws(add('b', 'SELECT 1'), code('E_HEALTH_CHECK', /not a function/));
  assert.throws(add('c', undefined, { every: 5 }), code('E_BAD_VALUE', /every/));
  assert.throws(add('c', undefined, { timeout: 'soon' }), code('E_BAD_VALUE', /timeout/));
  assert.deepEqual(health.report().checks.length, 1, 'what was refused is not there');
  end();
  health.check('twice', () => true)();
});
