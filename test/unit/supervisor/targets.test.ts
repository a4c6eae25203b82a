import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveTargets } from '../../../src/supervisor/targets.ts';

const names = ['api', 'web', 'api-worker'];

test('names, several, all and patterns', () => {
  assert.deepEqual(resolveTargets(['web'], names), ['web']);
  assert.deepEqual(resolveTargets(['api-worker', 'api', 'api'], names), ['api', 'api-worker']);
  assert.deepEqual(resolveTargets(['all'], names), names);
  assert.deepEqual(resolveTargets(['all'], []), []);
  assert.deepEqual(resolveTargets(['/^API/i'], names), ['api', 'api-worker']);
});

test('what is not there is said with what may be meant', () => {
  assert.throws(() => resolveTargets(['wep'], names), {
    code: 'E_UNKNOWN_APP',
    message: 'There is no app named wep. Did you mean web?',
  });
  assert.throws(() => resolveTargets(['/nothing/'], names), { code: 'E_UNKNOWN_APP' });
  assert.throws(() => resolveTargets(['/(/'], names), { code: 'E_BAD_PATTERN' });
});
